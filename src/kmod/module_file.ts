// Module files on disk: read, decompressed (.ko.gz, .ko.xz, .ko.zst), and what depmod, modprobe
// and modinfo want to know of one. What is no ELF for us is refused with libkmod's error numbers.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { decodeModinfo } from '../elf/modinfo.ts'
import type { ModinfoEntry } from '../elf/modinfo.ts'
import { ElfError, readElf } from '../elf/reader.ts'
import type { ElfFile } from '../elf/reader.ts'
import { ELFMAG } from '../include/uapi/elf.ts'
import { EINVAL, ENOENT, ENOEXEC } from '../include/uapi/errno.ts'

/** A file that holds no module; `errno` is positive, as in what Node's fs throws. */
export class ModuleFileError extends Error {
  override readonly name = 'ModuleFileError'
  readonly errno: number

  constructor(errno: number, message: string) {
    super(message)
    this.errno = errno
  }
}

/** libkmod reads that many bytes to see how a file is compressed, and wants them to be there. */
const SHORTEST_FILE = 6

/** e_ident, of which there must be more than that; in it, bits of an address and byte order. */
const EI_NIDENT = 16
const EI_CLASS = 4
const ELFCLASS64 = 2
const EI_DATA = 5
const ELFDATA2LSB = 1

/** How compressed files begin, and how they are read. The decompressors are loaded when needed. */
const COMPRESSIONS: { magic: string; unpack: (file: Buffer) => Promise<Uint8Array> }[] = [
  { magic: '1f8b', unpack: async file => gunzipSync(file) },
  { magic: 'fd377a585a00', unpack: unxz },
  { magic: '28b52ffd', unpack: unzstd },
]

/**
 * The image in a module file, decompressed. Which compression it is, its first bytes say, not its
 * name. Throws as fs does, or a ModuleFileError with EINVAL.
 */
export async function readModuleFile(path: string): Promise<Uint8Array> {
  const file = readFileSync(path)
  if (file.length < SHORTEST_FILE) {
    throw new ModuleFileError(EINVAL, `Cannot read "${path}": too short`)
  }
  const start = file.toString('hex', 0, SHORTEST_FILE)
  const compression = COMPRESSIONS.find(({ magic }) => start.startsWith(magic))
  if (!compression) return file
  try {
    return await compression.unpack(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ModuleFileError(EINVAL, `Cannot decompress "${path}": ${reason}`)
  }
}

/**
 * The ELF file in `image`. Throws a ModuleFileError: ENOEXEC for what is no ELF at all, EINVAL
 * for one that is damaged, or of a machine whose numbers are not as long, or the other way round.
 */
export function readModuleElf(image: Uint8Array): ElfFile {
  const magic = Buffer.from(image.subarray(0, ELFMAG.length)).toString('latin1')
  if (image.length <= EI_NIDENT || magic !== ELFMAG) {
    throw new ModuleFileError(ENOEXEC, 'Cannot read module: not an ELF file')
  }
  if (image[EI_CLASS] !== ELFCLASS64 || image[EI_DATA] !== ELFDATA2LSB) {
    throw new ModuleFileError(EINVAL, 'Cannot read module: not ELF64 little-endian')
  }
  try {
    return readElf(image)
  } catch (error) {
    if (!(error instanceof ElfError)) throw error
    throw new ModuleFileError(EINVAL, error.message)
  }
}

/** What the module says about itself. Throws a ModuleFileError with ENOENT if it says nothing. */
export function modinfoOf(elf: ElfFile): ModinfoEntry[] {
  const section = elf.section('.modinfo')
  if (section) return decodeModinfo(section.data)
  throw new ModuleFileError(ENOENT, 'Cannot read module: no .modinfo section')
}

async function unzstd(file: Buffer): Promise<Uint8Array> {
  const { decompress } = await import('fzstd')
  return decompress(file)
}

async function unxz(file: Buffer): Promise<Uint8Array> {
  const { default: xz } = await import('xz-decompress')
  const compressed = new Blob([new Uint8Array(file)]).stream()
  const plain = new Response(new xz.XzReadableStream(compressed))
  return new Uint8Array(await plain.arrayBuffer())
}
