// Module files on disk: read, decompressed (.ko.gz, .ko.xz, .ko.zst), and what depmod, modprobe
// and modinfo want to know of one. What is no ELF for us is refused with libkmod's error numbers.

import { readFileSync } from 'node:fs'
import { decodeModinfo } from '../elf/modinfo.ts'
import type { ModinfoEntry } from '../elf/modinfo.ts'
import { ElfError, readElf } from '../elf/reader.ts'
import type { ElfFile } from '../elf/reader.ts'
import { ELFMAG } from '../include/uapi/elf.ts'
import { EINVAL, ENOENT, ENOEXEC } from '../include/uapi/errno.ts'
import { compressionOf, MAGIC_MAX } from '../lib/decompress.ts'

/** A file that holds no module; `errno` is positive, as in what Node's fs throws. */
export class ModuleFileError extends Error {
  override readonly name = 'ModuleFileError'
  readonly errno: number

  constructor(errno: number, message: string) {
    super(message)
    this.errno = errno
  }
}

/** e_ident, of which there must be more than that; in it, bits of an address and byte order. */
const EI_NIDENT = 16
const EI_CLASS = 4
const ELFCLASS64 = 2
const EI_DATA = 5
const ELFDATA2LSB = 1

/**
 * The image in a module file, decompressed. Which compression it is, its first bytes say, not its
 * name. Throws as fs does, or a ModuleFileError with EINVAL.
 */
export async function readModuleFile(path: string): Promise<Uint8Array> {
  const file = readFileSync(path)
  // libkmod reads as many bytes to see how it is compressed, and wants them to be there.
  if (file.length < MAGIC_MAX) {
    throw new ModuleFileError(EINVAL, `Cannot read "${path}": too short`)
  }
  const compression = compressionOf(file)
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
