// Reads as much of a PKCS#7 message as modinfo shows: who signed, with what.
//
// The message is DER: values of a tag, a length and contents, one in the other.
//   SEQUENCE { OID signedData, [0] { SEQUENCE { version, digest algorithms, contents,
//     [0] certificates?, [1] revocations?, SET of signers } } }
//   signer: SEQUENCE { version, SEQUENCE { issuer, serial }, SEQUENCE { OID digest },
//     [0] attributes?, SEQUENCE { OID }, signature, … }

export interface Pkcs7Signer {
  /** The common name in the issuer's name. */
  readonly issuer: string
  readonly serial: Buffer
  /** "sha256", or the numbers of an algorithm without a name here. */
  readonly hash: string
  readonly signature: Buffer
}

const INTEGER = 0x02
const OCTET_STRING = 0x04
const OID = 0x06
const SEQUENCE = 0x30
const SET = 0x31
const COMMON_NAME = '550403'

/** By the hex digits of their object identifiers. */
const DIGESTS: Record<string, string> = {
  '2b0e03021a': 'sha1',
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
  '608648016503040204': 'sha224',
}

interface Value {
  tag: number
  contents: Buffer
}

/** The first signer; undefined if the message is not of this form. */
export function readPkcs7(message: Buffer): Pkcs7Signer | undefined {
  try {
    return firstSigner(message)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** A damaged message is a RangeError. */
function firstSigner(message: Buffer): Pkcs7Signer | undefined {
  const [, wrapped] = values(one(message, SEQUENCE))
  const signedData = values(one(wrapped?.contents ?? Buffer.alloc(0), SEQUENCE))
  const signers = signedData.findLast(({ tag }) => tag === SET)
  const [, issuerAndSerial, digest, ...rest] = values(
    one(signers?.contents ?? Buffer.alloc(0), SEQUENCE),
  )
  const signature = rest.find(({ tag }) => tag === OCTET_STRING)
  if (issuerAndSerial?.tag !== SEQUENCE || !digest || !signature) return undefined

  const [issuer, serial] = values(issuerAndSerial.contents)
  if (!issuer || serial?.tag !== INTEGER) return undefined
  return {
    issuer: commonName(issuer.contents),
    serial: withoutZeros(serial.contents),
    hash: digestName(digest.contents),
    signature: signature.contents,
  }
}

/** A name is a sequence of sets of pairs; without a common name, the last pair's text. */
function commonName(name: Buffer): string {
  const pairs = values(name).flatMap(({ contents }) =>
    values(contents).map(pair => values(pair.contents)),
  )
  const common = pairs.find(([type]) => type?.contents.toString('hex') === COMMON_NAME)
  return (common ?? pairs.at(-1))?.[1]?.contents.toString() ?? ''
}

function digestName(algorithm: Buffer): string {
  const [type] = values(algorithm)
  if (type?.tag !== OID) throw new RangeError('No algorithm')
  return DIGESTS[type.contents.toString('hex')] ?? oidText(type.contents)
}

/** "1.2.840": each number in groups of seven bits, the first two in one. */
function oidText(oid: Buffer): string {
  const numbers: number[] = []
  let number = 0
  for (const byte of oid) {
    number = number * 128 + (byte & 0x7f)
    if (byte & 0x80) continue
    if (numbers.length === 0) {
      const first = Math.min(Math.floor(number / 40), 2)
      numbers.push(first, number - first * 40)
    } else numbers.push(number)
    number = 0
  }
  return numbers.join('.')
}

/** DER puts a zero before numbers that would look negative. */
function withoutZeros(number: Buffer): Buffer {
  const start = number.findIndex(byte => byte !== 0)
  return start < 0 ? Buffer.alloc(0) : number.subarray(start)
}

/** The contents of the first value, which has to be of this tag. */
function one(bytes: Buffer, tag: number): Buffer {
  const [value] = values(bytes)
  if (value?.tag !== tag) throw new RangeError(`No value of tag ${tag}`)
  return value.contents
}

function values(bytes: Buffer): Value[] {
  const found: Value[] = []
  for (let at = 0; at < bytes.length;) {
    const tag = bytes.readUInt8(at)
    const { length, size } = readLength(bytes, at + 1)
    const start = at + 1 + size
    if (start + length > bytes.length) throw new RangeError('Value has no end')
    found.push({ tag, contents: bytes.subarray(start, start + length) })
    at = start + length
  }
  return found
}

/** One byte, or one that says how many bytes follow with it. */
function readLength(bytes: Buffer, at: number): { length: number; size: number } {
  const first = bytes.readUInt8(at)
  if (first < 0x80) return { length: first, size: 1 }
  const count = first - 0x80
  if (count === 0 || count > 4) throw new RangeError('Length of unknown form')
  return { length: bytes.readUIntBE(at + 1, count), size: 1 + count }
}
