// Reads a .ko: what the module loader, modinfo and modpost want to know of one.
import { ET_REL, SHF_ALLOC, SHN_UNDEF, SHT_NOTE, STB_LOCAL } from '../include/uapi/elf.ts'
import { BytesError } from '../lib/bytes.ts'
import { decodeModinfo } from './modinfo.ts'
import type { ModinfoEntry } from './modinfo.ts'
import {
  decodeExports,
  decodeThisModule,
  decodeVersions,
  SECTION,
} from './module_layout.ts'
import type { ExportedSymbol } from './module_layout.ts'
import { ElfError, readElf, readElfHeader } from './reader.ts'
import { joinScript } from './script_pieces.ts'
import type { ElfFile } from './reader.ts'

export { ElfError } from './errors.ts'

export interface ModuleImage {
  /** The name in struct module, which is the one that counts, whatever the file is called. */
  name: string
  modinfo: ModinfoEntry[]
  /** Name and CRC of each symbol the module was built against; empty if it has none. */
  versions: Map<string, number>
  /** False for an image without __versions, such as one that was stripped of it. */
  hasVersions: boolean
  /** Symbols the module needs, in the order of its symbol table. */
  undefined: string[]
  exports: ExportedSymbol[]
  /** JavaScript, to be run as the body of a function (require, module, exports, __this_module). */
  script: string
  /** JSON, version 3; absent after `strip -g`. */
  sourceMap?: string
  /** All but the empty first one. */
  sections: ModuleSection[]
  /** Sections that are notes, with their bytes. */
  notes: { name: string; data: Uint8Array }[]
  /** Defined symbols; `offset` is in `section`. */
  symbols: ModuleSymbol[]
  /** EM_* */
  machine: number
  /** ET_* */
  type: number
}

export interface ModuleSection {
  name: string
  /** In bytes. */
  size: number
  /** Power of two, in bytes; what a file says that nobody vouches for. */
  align: number
  /** Linux would load it. */
  alloc: boolean
  /** SHT_* and SHF_* */
  type: number
  flags: number
}

export interface ModuleSymbol {
  name: string
  section: string
  offset: number
  /** In bytes. */
  size: number
  global: boolean
}

/**
 * Read an image. Given a `machine`, first refuse what the kernel of such a machine refuses at
 * sight: another type of file, another architecture. Throws ElfError; no other error.
 */
export function readModule(
  image: Uint8Array,
  options: { machine?: number } = {},
): ModuleImage {
  if (options.machine !== undefined) checkHeader(image, options.machine)
  const elf = readElf(image)
  try {
    return decodeModule(elf)
  } catch (error) {
    if (!(error instanceof BytesError)) throw error
    throw new ElfError('ELF_BAD_MODULE', `Invalid module: ${error.message}`)
  }
}

function checkHeader(image: Uint8Array, expected: number): void {
  const { type, machine } = readElfHeader(image)
  if (type !== ET_REL) {
    throw new ElfError('ELF_TYPE', `Invalid ELF header type: ${type} != ${ET_REL}`)
  }
  if (machine !== expected) {
    throw new ElfError('ELF_MACHINE', `Invalid architecture in ELF header: ${machine}`)
  }
}

function decodeModule(elf: ElfFile): ModuleImage {
  const name = moduleName(elf)
  const sourceMap = elf.section(SECTION.sourceMap)
  return {
    name,
    modinfo: decodeModinfo(data(elf, SECTION.modinfo)),
    versions: decodeVersions(data(elf, SECTION.versions)),
    hasVersions: elf.section(SECTION.versions) !== undefined,
    undefined: undefinedSymbols(elf),
    exports: exportedSymbols(elf),
    script: script(elf, name),
    ...(sourceMap && { sourceMap: text(sourceMap.data) }),
    sections: elf.sections.slice(1).map(({ name, size, align, type, flags }) => ({
      name,
      size,
      align,
      alloc: (flags & SHF_ALLOC) !== 0,
      type,
      flags,
    })),
    notes: elf.sections
      .filter(({ type, flags, size }) => type === SHT_NOTE && flags & SHF_ALLOC && size)
      .map(({ name, data }) => ({ name, data: data.slice() })),
    symbols: definedSymbols(elf),
    machine: elf.header.machine,
    type: elf.header.type,
  }
}

function moduleName(elf: ElfFile): string {
  const section = elf.section(SECTION.thisModule)
  if (!section) throw new ElfError('ELF_NOT_A_MODULE', 'No module found in object')

  const name = decodeThisModule(section.data)
  if (elf.symbols.length > 0) return name
  throw new ElfError('ELF_NO_SYMBOLS', `${name}: module has no symbols (stripped?)`)
}

function script(elf: ElfFile, name: string): string {
  if (elf.section(SECTION.script)) return joinScript(of => data(elf, of))
  throw new ElfError(
    'ELF_NO_SCRIPT',
    `${name}: no ${SECTION.script} section: a module of another kind of kernel`,
  )
}

function undefinedSymbols(elf: ElfFile): string[] {
  return elf.symbols
    .filter(symbol => symbol.shndx === SHN_UNDEF && symbol.name !== '')
    .map(symbol => symbol.name)
}

function exportedSymbols(elf: ElfFile): ExportedSymbol[] {
  const strings = data(elf, SECTION.ksymtabStrings)
  const free = {
    ksymtab: data(elf, SECTION.ksymtab),
    kcrctab: data(elf, SECTION.kcrctab),
  }
  const gpl = {
    ksymtab: data(elf, SECTION.ksymtabGpl),
    kcrctab: data(elf, SECTION.kcrctabGpl),
  }
  return [...decodeExports(free, strings, false), ...decodeExports(gpl, strings, true)]
}

function definedSymbols(elf: ElfFile): ModuleSymbol[] {
  return elf.symbols
    .filter(symbol => symbol.name !== '' && elf.sections[symbol.shndx]?.name)
    .map(symbol => ({
      name: symbol.name,
      section: elf.sections[symbol.shndx]?.name ?? '',
      offset: Number(symbol.value),
      size: Number(symbol.size),
      global: symbol.bind !== STB_LOCAL,
    }))
}

function data(elf: ElfFile, section: string): Uint8Array {
  return elf.section(section)?.data ?? new Uint8Array(0)
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
