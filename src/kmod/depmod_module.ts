// A module as depmod works with it: what is read from its file, and what is found out from that.

import type { ElfFile } from '../elf/reader.ts'
import type { ModulePlace } from './depmod_priority.ts'
import {
  ModuleFileError,
  modinfoOf,
  readModuleElf,
  readModuleFile,
} from './module_file.ts'
import { exportedSymbols, neededSymbols } from './module_symbols.ts'
import type { NeededSymbol, SymbolVersion } from './module_symbols.ts'

/** What depmod takes from a file. */
export interface ModuleFacts {
  readonly exports: readonly SymbolVersion[]
  readonly needs: readonly NeededSymbol[]
  /** Values in .modinfo, in their order. */
  readonly aliases: readonly string[]
  readonly softdeps: readonly string[]
}

/** A file that was found, and what is in it, or the error that reading it gave. */
export interface FoundModule extends ModulePlace {
  readonly facts: ModuleFacts | Error
}

/** A module among others. */
export interface DepmodModule extends ModulePlace {
  readonly facts: ModuleFacts
  /** Its priority in index files: the place in the list of all. */
  index: number
  /** The modules whose symbols it needs, each once. */
  deps: DepmodModule[]
  /** How many modules need its symbols. */
  users: number
  /** Modules that need others come before those; set by the sort. */
  order: number
}

/** Never throws: an error is among the facts. */
export async function readModule(place: ModulePlace): Promise<FoundModule> {
  try {
    const image = await readModuleFile(place.path)
    return { ...place, facts: factsOf(readModuleElf(image)) }
  } catch (error) {
    if (error instanceof Error && 'errno' in error) return { ...place, facts: error }
    throw error
  }
}

/** The facts of an image that is known to be a module. */
export function factsOf(elf: ElfFile): ModuleFacts {
  const modinfo = modinfoIfAny(elf)
  const valuesOf = (wanted: string) =>
    modinfo.filter(([tag]) => tag === wanted).map(([, value]) => value)
  return {
    exports: exportedSymbols(elf),
    needs: neededSymbols(elf),
    aliases: valuesOf('alias'),
    softdeps: valuesOf('softdep'),
  }
}

export const NO_FACTS: ModuleFacts = { exports: [], needs: [], aliases: [], softdeps: [] }

/** The path that the index files have. */
export function shownPath({ relpath, path }: ModulePlace): string {
  return relpath ?? path
}

function modinfoIfAny(elf: ElfFile): ReturnType<typeof modinfoOf> {
  try {
    return modinfoOf(elf)
  } catch (error) {
    if (error instanceof ModuleFileError) return []
    throw error
  }
}
