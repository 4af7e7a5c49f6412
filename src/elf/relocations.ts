// Writes the relocations of ELF64 files, for the two machines that modules are built for.
//
// Nothing here is ever loaded at an address, so nobody computes them. They tell binutils which
// symbols a section needs, so that `strip` keeps those and `ld -r` keeps them right.
import {
  EM_AARCH64,
  R_AARCH64_ABS64,
  R_AARCH64_NONE,
  R_AARCH64_PREL32,
  R_X86_64_64,
  R_X86_64_NONE,
  R_X86_64_PC32,
} from '../include/uapi/elf.ts'
import { ByteWriter } from '../lib/bytes.ts'

/** `none`: used here, but nothing is to be filled in. */
export type RelocationKind = 'none' | 'abs64' | 'prel32'

/** Put `symbol` at `offset` of `section`. */
export interface ElfRelocationSpec {
  section: string
  /** In bytes. */
  offset: number
  symbol: string
  kind: RelocationKind
}

/** A table for each section that needs one. Throws an Error for a symbol that `indices` lacks. */
export function encodeRelocations(
  relocations: readonly ElfRelocationSpec[],
  indices: ReadonlyMap<string, number>,
  machine: number,
): Map<string, Uint8Array> {
  const types = machine === EM_AARCH64 ? AARCH64 : X86_64
  const tables = new Map<string, ByteWriter>()
  for (const { section, offset, symbol, kind } of relocations) {
    const index = indices.get(symbol)
    if (index === undefined)
      throw new Error(`Cannot relocate "${symbol}": no such symbol`)

    const table = tables.get(section) ?? new ByteWriter()
    tables.set(section, table)
    // r_info holds the type in its lower half, the symbol in its upper; then comes the addend.
    table.u64(offset).u32(types[kind]).u32(index).u64(0)
  }
  return new Map([...tables].map(([section, table]) => [section, table.done()]))
}

const X86_64: Record<RelocationKind, number> = {
  none: R_X86_64_NONE,
  abs64: R_X86_64_64,
  prel32: R_X86_64_PC32,
}
const AARCH64: Record<RelocationKind, number> = {
  none: R_AARCH64_NONE,
  abs64: R_AARCH64_ABS64,
  prel32: R_AARCH64_PREL32,
}
