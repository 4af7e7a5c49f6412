// Writes ELF64 little-endian relocatable files.
//
// The order in the file: header, the sections as given, their .rela sections, .symtab, .strtab,
// .shstrtab, and at the very end the section headers, so that a file cut short is noticed.
import {
  EHDR_SIZE,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFMAG,
  EM_AARCH64,
  EM_X86_64,
  ET_REL,
  EV_CURRENT,
  RELA_SIZE,
  SHDR_SIZE,
  SHF_INFO_LINK,
  SHT_NULL,
  SHT_PROGBITS,
  SHT_RELA,
  SHT_STRTAB,
  SHT_SYMTAB,
  SYM_SIZE,
} from '../include/uapi/elf.ts'
import { ByteWriter } from '../lib/bytes.ts'
import { encodeRelocations } from './relocations.ts'
import type { ElfRelocationSpec } from './relocations.ts'
import { encodeSymbols, StringTable } from './symtab.ts'
import type { ElfSymbolSpec } from './symtab.ts'

/** A section to write; `.symtab`, `.strtab` and `.shstrtab` are made by the writer. */
export interface ElfSectionSpec {
  name: string
  data: Uint8Array
  /** SHT_*; SHT_PROGBITS if not given. */
  type?: number
  /** SHF_*. */
  flags?: number
  /** Power of two, in bytes. */
  align?: number
  /** Bytes in memory of an SHT_NOBITS section, whose `data` is empty; else that of `data`. */
  size?: number
  /** Bytes an entry, for tables. */
  entsize?: number
}

export interface ElfObjectSpec {
  sections: readonly ElfSectionSpec[]
  symbols: readonly ElfSymbolSpec[]
  relocations?: readonly ElfRelocationSpec[]
  /** EM_*; the host's if not given. */
  machine?: number
}

interface PlacedSection extends Required<ElfSectionSpec> {
  link: number
  info: number
  offset: number
}

/** The e_machine of modules for this host. x86-64 stands in where Linux has no other yet. */
export function hostMachine(arch: string = process.arch): number {
  return arch === 'arm64' ? EM_AARCH64 : EM_X86_64
}

/** The bytes of an ET_REL file. */
export function writeElf(object: ElfObjectSpec): Uint8Array {
  const machine = object.machine ?? hostMachine()
  const sections = [NULL_SECTION, ...object.sections.map(withDefaults)]
  addTables(sections, object, machine)

  const offsets = new ByteWriter().zeros(EHDR_SIZE)
  for (const section of sections.slice(1)) {
    section.offset = offsets.align(section.align).length
    offsets.put(section.data)
  }
  const shoff = offsets.align(8).length

  return new ByteWriter(shoff + sections.length * SHDR_SIZE)
    .put(fileHeader(machine, shoff, sections.length))
    .put(offsets.done().subarray(EHDR_SIZE))
    .put(sectionHeaders(sections))
    .done()
}

const NULL_SECTION: PlacedSection = {
  name: '',
  data: new Uint8Array(0),
  type: SHT_NULL,
  flags: 0,
  align: 0,
  size: 0,
  entsize: 0,
  link: 0,
  info: 0,
  offset: 0,
}

function withDefaults(section: ElfSectionSpec): PlacedSection {
  const size = section.data.length
  return { ...NULL_SECTION, type: SHT_PROGBITS, align: 1, size, ...section }
}

function addTables(
  sections: PlacedSection[],
  { symbols, relocations = [] }: ElfObjectSpec,
  machine: number,
): void {
  const encoded = encodeSymbols(symbols, name => indexOf(sections, name))
  const tables = encodeRelocations(relocations, encoded.indices, machine)
  const symtab = sections.length + tables.size
  for (const [target, data] of tables) {
    sections.push({
      ...withDefaults({ name: `.rela${target}`, data, type: SHT_RELA }),
      flags: SHF_INFO_LINK,
      align: 8,
      entsize: RELA_SIZE,
      link: symtab,
      info: indexOf(sections, target),
    })
  }
  sections.push({
    ...withDefaults({ name: '.symtab', data: encoded.symtab, type: SHT_SYMTAB }),
    align: 8,
    entsize: SYM_SIZE,
    link: symtab + 1,
    info: encoded.firstGlobal,
  })
  sections.push(withDefaults({ name: '.strtab', data: encoded.strtab, type: SHT_STRTAB }))
  const names = new StringTable()
  for (const { name } of sections) names.add(name)
  names.add('.shstrtab')
  sections.push(
    withDefaults({ name: '.shstrtab', data: names.bytes(), type: SHT_STRTAB }),
  )
}

function indexOf(sections: readonly PlacedSection[], name: string): number {
  const index = sections.findIndex(section => section.name === name)
  if (index > 0) return index
  throw new Error(`Cannot place a symbol in "${name}": no such section`)
}

function fileHeader(machine: number, shoff: number, shnum: number): Uint8Array {
  return new ByteWriter(EHDR_SIZE)
    .put(new TextEncoder().encode(ELFMAG))
    .u8(ELFCLASS64)
    .u8(ELFDATA2LSB)
    .u8(EV_CURRENT)
    .zeros(9) // System V, padding
    .u16(ET_REL)
    .u16(machine)
    .u32(EV_CURRENT)
    .u64(0) // no entry point
    .u64(0) // no program headers
    .u64(shoff)
    .u32(0) // no flags on either machine
    .u16(EHDR_SIZE)
    .u16(0)
    .u16(0)
    .u16(SHDR_SIZE)
    .u16(shnum)
    .u16(shnum - 1) // .shstrtab is the last
    .done()
}

function sectionHeaders(sections: readonly PlacedSection[]): Uint8Array {
  const names = new StringTable()
  const headers = new ByteWriter(sections.length * SHDR_SIZE)
  for (const section of sections) {
    headers
      .u32(names.add(section.name))
      .u32(section.type)
      .u64(section.flags)
      .u64(0) // no address before it is loaded
      .u64(section.offset)
      .u64(section.size)
      .u32(section.link)
      .u32(section.info)
      .u64(section.align)
      .u64(section.entsize)
  }
  return headers.done()
}
