// The signature that may follow a module: who signed it, with which key, and the bytes.
//
// Behind the ELF file come the signer's name, the key's id and the signature, then 12 bytes that
// give their lengths, then a line of text that says that all this is there.

import type { ModinfoEntry } from '../elf/modinfo.ts'
import { readPkcs7 } from './pkcs7.ts'

const MAGIC = '~Module signature appended~\n'
const TRAILER_SIZE = 12
const ALGORITHMS = 2
const HASHES = [
  'md4',
  'md5',
  'sha1',
  'rmd160',
  'sha256',
  'sha384',
  'sha512',
  'sha224',
  'sm3',
]
const ID_TYPES = ['PGP', 'X509', 'PKCS#7']
const PKCS7 = 2
/** Bytes in a line of hex. */
const LINE = 20

/** As modinfo shows it, after the module's own fields; nothing if it has none or a broken one. */
export function signatureInfo(image: Uint8Array): ModinfoEntry[] {
  const file = Buffer.from(image.buffer, image.byteOffset, image.byteLength)
  const end = file.length - MAGIC.length - TRAILER_SIZE
  if (end < 0 || file.toString('latin1', end + TRAILER_SIZE) !== MAGIC) return []

  const trailer = file.subarray(end)
  const [algorithm = 0, hash = 0, idType = 0, signerSize = 0, keySize = 0] = trailer
  const size = trailer.readUInt32BE(8)
  const hashName = HASHES[hash]
  const idName = ID_TYPES[idType]
  if (algorithm >= ALGORITHMS || !hashName || !idName) return []
  if (size === 0 || end < size + signerSize + keySize) return []

  const signature = file.subarray(end - size, end)
  if (idType === PKCS7) return pkcs7Info(signature, idName)
  const key = file.subarray(end - size - keySize, end - size)
  const signerEnd = end - size - keySize
  const signer = file.toString('utf8', signerEnd - signerSize, signerEnd)
  return fields(idName, signer, key, hashName, signature)
}

function pkcs7Info(message: Buffer, idName: string): ModinfoEntry[] {
  const signer = readPkcs7(message)
  if (!signer) return []
  return fields(idName, signer.issuer, signer.serial, signer.hash, signer.signature)
}

function fields(
  id: string,
  signer: string,
  key: Buffer,
  hash: string,
  signature: Buffer,
): ModinfoEntry[] {
  return [
    ['sig_id', id],
    ['signer', signer],
    ['sig_key', hexText(key)],
    ['sig_hashalgo', hash],
    ['signature', hexText(signature)],
  ]
}

/** "0A:FF:…", 20 bytes a line; lines after the first are indented as far as modinfo's values. */
function hexText(bytes: Buffer): string {
  const pairs = bytes.toString('hex').toUpperCase().match(/../g) ?? []
  return pairs
    .map((pair, at) => (at > 0 && at % LINE === 0 ? `\n\t\t${pair}` : pair))
    .join(':')
}
