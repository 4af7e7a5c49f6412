// Reads ELF64 little-endian files that nobody vouches for: each offset is checked.
//
// The messages are those of Linux's module loader, and so is what is *not* looked at: the
// class and byte order in e_ident. A 32-bit file is caught by the size of its section headers.
import {
  EHDR_SIZE,
  ELFMAG,
  SHDR_SIZE,
  SHN_LORESERVE,
  SHT_NOBITS,
  SHT_NULL,
  SHT_STRTAB,
  SHT_SYMTAB,
} from '../include/uapi/elf.ts'
import { ByteReader, BytesError } from '../lib/bytes.ts'
import { ElfError } from './errors.ts'
import { decodeSymbols } from './symtab.ts'
import type { ElfSymbol } from './symtab.ts'

export { ElfError } from './errors.ts'

export interface ElfHeader {
  /** ET_* */
  type: number
  /** EM_* */
  machine: number
  shoff: number
  shentsize: number
  shnum: number
  shstrndx: number
}

export interface ElfSection {
  name: string
  /** SHT_* */
  type: number
  /** SHF_* */
  flags: number
  offset: number
  /** In memory; equal to data.length unless the type is SHT_NOBITS. */
  size: number
  link: number
  info: number
  align: number
  entsize: number
  /** A view into the image. */
  data: Uint8Array
}

export interface ElfFile {
  header: ElfHeader
  /** By index; the first is the empty one. */
  sections: ElfSection[]
  /** Without the empty first one; empty if there is no symbol table. */
  symbols: ElfSymbol[]
  /** The first section of that name. */
  section(name: string): ElfSection | undefined
}

/** Read the file header. Throws ELF_HEADER_LEN or ELF_MAGIC. */
export function readElfHeader(image: Uint8Array): ElfHeader {
  if (image.length < EHDR_SIZE) {
    throw new ElfError('ELF_HEADER_LEN', `Invalid ELF header len ${image.length}`)
  }
  const reader = new ByteReader(image)
  if (reader.fixed(4) !== ELFMAG) {
    throw new ElfError('ELF_MAGIC', 'Invalid ELF header magic: != \\x7fELF')
  }
  reader.seek(16)
  const type = reader.u16()
  const machine = reader.u16()
  reader.seek(40)
  const shoff = wide(reader)
  reader.seek(58)
  const shentsize = reader.u16()
  const shnum = reader.u16()
  const shstrndx = reader.u16()
  return { type, machine, shoff, shentsize, shnum, shstrndx }
}

/** Read header, sections and symbols. Throws ElfError. */
export function readElf(image: Uint8Array): ElfFile {
  const header = readElfHeader(image)
  const sections = readSections(image, header)
  return {
    header,
    sections,
    symbols: readSymbols(sections),
    section: name => sections.find(section => section.name === name),
  }
}

function readSections(image: Uint8Array, header: ElfHeader): ElfSection[] {
  const { shoff, shnum, shentsize } = header
  if (shentsize !== SHDR_SIZE) {
    throw new ElfError('ELF_SECTION_SIZE', 'Invalid ELF section header size')
  }
  if (shoff > image.length || shnum * SHDR_SIZE > image.length - shoff) {
    throw new ElfError('ELF_SECTION_OVERFLOW', 'Invalid ELF section header overflow')
  }

  const reader = new ByteReader(image, shoff)
  const nameOffsets: number[] = []
  const sections: ElfSection[] = []
  for (let i = 0; i < shnum; i++) {
    nameOffsets.push(reader.u32())
    sections.push(readSection(image, reader, i))
  }
  nameSections(sections, nameOffsets, header.shstrndx)
  return sections
}

/** Read a section header but for its name, which `reader` is just behind. */
function readSection(image: Uint8Array, reader: ByteReader, index: number): ElfSection {
  const type = reader.u32()
  const flags = wide(reader)
  reader.skip(8)
  const offset = wide(reader)
  const size = wide(reader)
  const link = reader.u32()
  const info = reader.u32()
  const align = wide(reader)
  const entsize = wide(reader)
  const stored = type === SHT_NOBITS || type === SHT_NULL ? 0 : size
  if (offset > image.length || stored > image.length - offset) {
    throw new ElfError(
      'ELF_SECTION_OVERFLOW',
      `Invalid ELF section offset in section ${index}`,
    )
  }
  const data = image.subarray(offset, offset + stored)
  return { name: '', type, flags, offset, size, link, info, align, entsize, data }
}

function nameSections(
  sections: ElfSection[],
  nameOffsets: readonly number[],
  shstrndx: number,
): void {
  const table = sections[shstrndx]
  if (!table || shstrndx === 0 || table.type !== SHT_STRTAB) {
    throw new ElfError('ELF_NAMES', `Invalid ELF section name index: ${shstrndx}`)
  }
  const names = new ByteReader(table.data)
  for (const [i, section] of sections.entries()) {
    section.name = nameAt(names, nameOffsets[i] ?? 0, i)
  }
}

function nameAt(names: ByteReader, offset: number, index: number): string {
  try {
    return names.seek(offset).cstring()
  } catch (error) {
    if (!(error instanceof BytesError)) throw error
    throw new ElfError('ELF_NAMES', `Invalid name offset ${offset} of section ${index}`)
  }
}

function readSymbols(sections: readonly ElfSection[]): ElfSymbol[] {
  const symtab = sections.find(section => section.type === SHT_SYMTAB)
  if (!symtab) return []

  const strtab = sections[symtab.link]
  if (strtab?.type !== SHT_STRTAB) {
    throw new ElfError(
      'ELF_SYMBOLS',
      `Invalid string table ${symtab.link} of ${symtab.name}`,
    )
  }
  return decodeSymbols(symtab.data, strtab.data, Math.min(sections.length, SHN_LORESERVE))
}

/** A 64-bit field as a number: absurd values become one that fits nowhere. */
function wide(reader: ByteReader): number {
  const value = Number(reader.u64big())
  return Number.isSafeInteger(value) ? value : Number.MAX_SAFE_INTEGER
}
