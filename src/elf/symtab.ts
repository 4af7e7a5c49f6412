// ELF64 symbol tables, both ways.
import {
  SHN_ABS,
  SHN_LORESERVE,
  SHN_UNDEF,
  STB_GLOBAL,
  STB_LOCAL,
  STT_FILE,
  STT_FUNC,
  STT_NOTYPE,
  STT_OBJECT,
  SYM_SIZE,
} from '../include/uapi/elf.ts'
import { ByteReader, ByteWriter, BytesError } from '../lib/bytes.ts'
import { ElfError } from './errors.ts'

const BINDINGS = { local: STB_LOCAL, global: STB_GLOBAL } as const
const TYPES = {
  notype: STT_NOTYPE,
  object: STT_OBJECT,
  func: STT_FUNC,
  file: STT_FILE,
} as const

/** A symbol to write. `section` is the name of one, or where the symbol is instead. */
export interface ElfSymbolSpec {
  name: string
  section: { name: string } | 'undefined' | 'absolute'
  /** Offset in its section, or the value of an absolute symbol. */
  value?: number
  /** In bytes. */
  size?: number
  bind?: keyof typeof BINDINGS
  type?: keyof typeof TYPES
}

/** A symbol as it was read. */
export interface ElfSymbol {
  name: string
  value: bigint
  size: bigint
  /** STB_* and STT_*. */
  bind: number
  type: number
  /** Index of a section, SHN_UNDEF or SHN_ABS. */
  shndx: number
}

export interface EncodedSymbols {
  symtab: Uint8Array
  strtab: Uint8Array
  /** sh_info of a symbol table: where the global symbols begin. */
  firstGlobal: number
  /** Where each symbol is in the table; of two with one name, the global one. */
  indices: Map<string, number>
}

/** Lay symbols out: the local ones come first, as ELF demands. */
export function encodeSymbols(
  symbols: readonly ElfSymbolSpec[],
  sectionIndex: (name: string) => number,
): EncodedSymbols {
  const names = new StringTable()
  const symtab = new ByteWriter().zeros(SYM_SIZE)
  const locals = symbols.filter(symbol => symbol.bind === 'local')
  const globals = symbols.filter(symbol => symbol.bind !== 'local')
  const ordered = [...locals, ...globals]

  for (const symbol of ordered) {
    symtab
      .u32(names.add(symbol.name))
      .u8((BINDINGS[symbol.bind ?? 'global'] << 4) | TYPES[symbol.type ?? 'notype'])
      .u8(0)
      .u16(shndx(symbol.section, sectionIndex))
      .u64(symbol.value ?? 0)
      .u64(symbol.size ?? 0)
  }
  return {
    symtab: symtab.done(),
    strtab: names.bytes(),
    firstGlobal: locals.length + 1,
    indices: new Map(ordered.map(({ name }, i) => [name, i + 1])),
  }
}

/** Read a symbol table of a file with `sectionCount` sections; the empty first entry is left out. */
export function decodeSymbols(
  symtab: Uint8Array,
  strtab: Uint8Array,
  sectionCount: number,
): ElfSymbol[] {
  const reader = new ByteReader(symtab)
  const names = new ByteReader(strtab)
  const symbols: ElfSymbol[] = []
  for (let i = 0; i < Math.floor(symtab.length / SYM_SIZE); i++) {
    symbols.push(decodeSymbol(reader, names, i))
  }
  for (const [i, { shndx }] of symbols.entries()) {
    if (shndx >= sectionCount && shndx < SHN_LORESERVE) {
      throw new ElfError('ELF_SYMBOLS', `Invalid section index ${shndx} of symbol ${i}`)
    }
  }
  return symbols.slice(1)
}

function decodeSymbol(reader: ByteReader, names: ByteReader, index: number): ElfSymbol {
  const nameOffset = reader.u32()
  const info = reader.u8()
  reader.skip(1)
  const shndx = reader.u16()
  const value = reader.u64big()
  const size = reader.u64big()
  try {
    const name = names.seek(nameOffset).cstring()
    return { name, value, size, bind: info >> 4, type: info & 0xf, shndx }
  } catch (error) {
    if (!(error instanceof BytesError)) throw error
    throw new ElfError(
      'ELF_SYMBOLS',
      `Invalid name offset ${nameOffset} of symbol ${index}`,
    )
  }
}

function shndx(
  section: ElfSymbolSpec['section'],
  sectionIndex: (name: string) => number,
): number {
  if (section === 'undefined') return SHN_UNDEF
  if (section === 'absolute') return SHN_ABS
  return sectionIndex(section.name)
}

/** Collects the strings of a .strtab; each is stored once. Offset 0 is the empty string. */
export class StringTable {
  readonly #offsets = new Map<string, number>([['', 0]])
  readonly #bytes = new ByteWriter().u8(0)

  /** The offset of `text`. */
  add(text: string): number {
    const known = this.#offsets.get(text)
    if (known !== undefined) return known

    const offset = this.#bytes.length
    this.#offsets.set(text, offset)
    this.#bytes.cstring(text)
    return offset
  }

  bytes(): Uint8Array {
    return this.#bytes.done()
  }
}
