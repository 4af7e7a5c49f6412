// How a .ko keeps what it says in sections: names, entry sizes, and each table both ways.
//
// kbuild writes with this and the module loader reads with it. The layouts are those of an
// x86-64 Linux 6.1. Nothing here is ever loaded at an address, so where Linux has
// pointers filled in by relocation, these tables hold offsets into the section pointed to.
import { ByteReader, ByteWriter } from '../lib/bytes.ts'

export const SECTION = {
  buildId: '.note.gnu.build-id',
  /** For which kernel it was built. */
  noteLinux: '.note.Linux',
  /** The script lies in these four as code does in C; script_pieces.ts puts it together. */
  text: '.text',
  initText: '.init.text',
  exitText: '.exit.text',
  strings: '.rodata.str1.1',
  /** How: its pieces in order. */
  script: '.script',
  /** What file scope defines: variables that start as something, and as zero. */
  data: '.data',
  bss: '.bss',
  /** A pointer to init_module, and one to cleanup_module. */
  initData: '.init.data',
  exitData: '.exit.data',
  /** Source map (version 3, JSON) of the script. `strip -g` takes it away. */
  sourceMap: '.debug_sourcemap',
  rodata: '.rodata',
  param: '__param',
  modinfo: '.modinfo',
  versions: '__versions',
  ksymtab: '__ksymtab',
  ksymtabGpl: '__ksymtab_gpl',
  kcrctab: '__kcrctab',
  kcrctabGpl: '__kcrctab_gpl',
  ksymtabStrings: '__ksymtab_strings',
  thisModule: '.gnu.linkonce.this_module',
} as const

/** Longest name of a module or of a symbol in __versions, in bytes, with its NUL. */
export const MODULE_NAME_LEN = 56

const VERSION_ENTRY_SIZE = 64
/** Of an entry of __ksymtab, in bytes. */
export const KSYMTAB_ENTRY_SIZE = 12
const KERNEL_PARAM_SIZE = 40
const THIS_MODULE_SIZE = 1024
const THIS_MODULE_NAME_OFFSET = 24 // after `state` and `list`
/** Where struct module has its `init` and `exit`. */
export const THIS_MODULE_INIT_OFFSET = 0x138
export const THIS_MODULE_EXIT_OFFSET = 0x3c8

/** A symbol other modules may use. */
export interface ExportedSymbol {
  name: string
  gpl: boolean
  /** "" for none. */
  namespace: string
  crc: number
}

/** __versions: u64 CRC, name in 56 bytes. */
export function encodeVersions(versions: ReadonlyMap<string, number>): Uint8Array {
  const table = new ByteWriter(versions.size * VERSION_ENTRY_SIZE)
  for (const [name, crc] of versions) table.u64(crc).fixed(name, MODULE_NAME_LEN)
  return table.done()
}

export function decodeVersions(section: Uint8Array): Map<string, number> {
  const reader = new ByteReader(section)
  const versions = new Map<string, number>()
  while (reader.remaining >= VERSION_ENTRY_SIZE) {
    const crc = reader.u64()
    versions.set(reader.fixed(MODULE_NAME_LEN), crc)
  }
  return versions
}

export interface EncodedExports {
  /** u32 offset in the section of the symbol, u32 of the name, u32 of the namespace in `strings`. */
  ksymtab: Uint8Array
  /** u32 a symbol. */
  kcrctab: Uint8Array
}

/** __ksymtab and __kcrctab. `place` gives a symbol's offset in its section; strings go to `strings`. */
export function encodeExports(
  symbols: readonly ExportedSymbol[],
  place: (name: string) => number,
  addString: (text: string) => number,
): EncodedExports {
  const ksymtab = new ByteWriter(symbols.length * KSYMTAB_ENTRY_SIZE)
  const kcrctab = new ByteWriter(symbols.length * 4)
  for (const { name, namespace, crc } of symbols) {
    ksymtab.u32(place(name)).u32(addString(name)).u32(addString(namespace))
    kcrctab.u32(crc)
  }
  return { ksymtab: ksymtab.done(), kcrctab: kcrctab.done() }
}

/** Throws BytesError if the tables do not fit together. */
export function decodeExports(
  { ksymtab, kcrctab }: EncodedExports,
  strings: Uint8Array,
  gpl: boolean,
): ExportedSymbol[] {
  const reader = new ByteReader(ksymtab)
  const crcs = new ByteReader(kcrctab)
  const symbols: ExportedSymbol[] = []
  while (reader.remaining > 0) {
    reader.skip(4)
    const name = new ByteReader(strings, reader.u32()).cstring()
    const namespace = new ByteReader(strings, reader.u32()).cstring()
    symbols.push({ name, gpl, namespace, crc: crcs.u32() })
  }
  return symbols
}

/** .gnu.linkonce.this_module: struct module, of which only the name is filled in. */
export function encodeThisModule(name: string): Uint8Array {
  return new ByteWriter(THIS_MODULE_SIZE)
    .zeros(THIS_MODULE_NAME_OFFSET)
    .fixed(name, MODULE_NAME_LEN)
    .zeros(THIS_MODULE_SIZE - THIS_MODULE_NAME_OFFSET - MODULE_NAME_LEN)
    .done()
}

/** The name in struct module. Throws BytesError if the section is too short. */
export function decodeThisModule(section: Uint8Array): string {
  return new ByteReader(section, THIS_MODULE_NAME_OFFSET).fixed(MODULE_NAME_LEN)
}

export interface ParamEntry {
  name: string
  /** Mode of its file in sysfs. */
  perm: number
}

/** __param: struct kernel_param, with the name (as an offset in `strings`) and the mode filled in. */
export function encodeParams(
  params: readonly ParamEntry[],
  addString: (text: string) => number,
): Uint8Array {
  const table = new ByteWriter(params.length * KERNEL_PARAM_SIZE)
  for (const { name, perm } of params) {
    table
      .u64(addString(name))
      .zeros(16) // module, operations
      .u16(perm)
      .zeros(KERNEL_PARAM_SIZE - 26) // level, flags, address of the variable
  }
  return table.done()
}
