// The symbols of a module as libkmod sees them: what it exports, and what it needs.

import { ByteReader, BytesError } from '../lib/bytes.ts'
import type { ElfFile } from '../elf/reader.ts'
import type { ElfSymbol } from '../elf/symtab.ts'
import { SHN_ABS, SHN_UNDEF } from '../include/uapi/elf.ts'

export interface SymbolVersion {
  readonly name: string
  /** 64 bits; 0 if there is none. */
  readonly crc: bigint
}

export interface NeededSymbol extends SymbolVersion {
  /** May be missing. */
  readonly weak: boolean
}

const CRC_PREFIX = '__crc_'
const STB_WEAK = 2
const VERSION_ENTRY_SIZE = 64
/** The CRC of a symbol whose CRC is nowhere in the file. */
const NO_CRC = 0xffffffffffffffffn

/**
 * What the module exports, in the order of its symbol table. Without CRCs it is all strings of
 * __ksymtab_strings, among which there are also namespaces.
 */
export function exportedSymbols(elf: ElfFile): SymbolVersion[] {
  const crcs = elf.symbols.filter(({ name }) => name.startsWith(CRC_PREFIX))
  if (crcs.length > 0) {
    return crcs.map(symbol => ({
      name: symbol.name.slice(CRC_PREFIX.length),
      crc: crcOf(elf, symbol),
    }))
  }
  const strings = elf.section('__ksymtab_strings')?.data ?? new Uint8Array()
  return Buffer.from(strings)
    .toString('latin1')
    .split('\0')
    .filter(name => name !== '')
    .map(name => ({ name, crc: 0n }))
}

/** The CRC is the symbol's value, or at that place in its section. */
function crcOf(elf: ElfFile, { value, shndx }: ElfSymbol): bigint {
  if (shndx === SHN_ABS || shndx === SHN_UNDEF) return value
  try {
    const section = new ByteReader(elf.sections[shndx]?.data ?? new Uint8Array())
    return BigInt(section.seek(Number(value)).u32())
  } catch (error) {
    if (error instanceof BytesError) return NO_CRC
    throw error
  }
}

/**
 * What the module needs: its undefined symbols, in their order, each with the version it was
 * built against; then what only __versions knows, such as module_layout.
 */
export function neededSymbols(elf: ElfFile): NeededSymbol[] {
  const symbols = elf.symbols.filter(
    ({ shndx, name }) => shndx === SHN_UNDEF && name !== '',
  )
  if (elf.symbols.length === 0) return []

  const versions = moduleVersions(elf)
  const crcs = new Map(versions.toReversed().map(({ name, crc }) => [name, crc]))
  const names = new Set(symbols.map(({ name }) => name))
  return [
    ...symbols.map(({ name, bind }) => ({
      name,
      crc: crcs.get(name) ?? 0n,
      weak: bind === STB_WEAK,
    })),
    ...versions
      .filter(({ name }) => !names.has(name))
      .map(version => ({ ...version, weak: false })),
  ]
}

/** __versions, in its order; nothing if its size is no multiple of an entry's. */
export function moduleVersions(elf: ElfFile): SymbolVersion[] {
  const data = elf.section('__versions')?.data ?? new Uint8Array()
  if (data.length % VERSION_ENTRY_SIZE !== 0) return []
  const reader = new ByteReader(data)
  const versions: SymbolVersion[] = []
  while (reader.remaining > 0) {
    const crc = reader.u64big()
    versions.push({ crc, name: reader.fixed(VERSION_ENTRY_SIZE - 8) })
  }
  return versions
}
