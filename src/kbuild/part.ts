// A part of a module on its way into a file: sections, the symbols in them, and what they refer to.
import type { ElfRelocationSpec } from '../elf/relocations.ts'
import type { ElfSymbolSpec } from '../elf/symtab.ts'
import { writeElf } from '../elf/writer.ts'
import type { ElfSectionSpec } from '../elf/writer.ts'
import { ldOrder } from './ld_order.ts'

export interface Part {
  sections: ElfSectionSpec[]
  symbols: ElfSymbolSpec[]
  relocations: ElfRelocationSpec[]
}

export function emptyPart(): Part {
  return { sections: [], symbols: [], relocations: [] }
}

/** A symbol that only this file sees. */
export function localSymbol(name: string, section: string, value: number): ElfSymbolSpec {
  return { name, section: { name: section }, value, bind: 'local', type: 'object' }
}

/**
 * As `ld -r` joins files: sections of one name become one, and a symbol that one part lacks and
 * another has is lacking no more.
 */
export function joined(...parts: readonly Part[]): Part {
  const sections = new Map<string, ElfSectionSpec>()
  for (const section of parts.flatMap(part => part.sections)) {
    const before = sections.get(section.name)
    sections.set(section.name, before ? append(before, section) : section)
  }
  // ld comes to the notes first, which modpost's part has, and lists that part's own symbols then.
  const symbols = parts.toReversed().flatMap(part => part.symbols)
  const defined = new Set(
    symbols.filter(({ section }) => section !== 'undefined').map(({ name }) => name),
  )
  const left = symbols.filter(
    ({ name, section }) => section !== 'undefined' || !defined.has(name),
  )
  return {
    sections: [...sections.values()],
    symbols: [
      ...left.filter(({ bind }) => bind === 'local'),
      ...ldOrder(left.filter(({ bind }) => bind !== 'local')),
    ],
    relocations: parts.flatMap(part => part.relocations),
  }
}

function append(before: ElfSectionSpec, section: ElfSectionSpec): ElfSectionSpec {
  return { ...before, data: Buffer.concat([before.data, section.data]) }
}

/** The part as a file of its own. */
export function partFile(part: Part, machine: number): Uint8Array {
  return writeElf({ ...part, machine })
}
