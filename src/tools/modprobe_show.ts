// modprobe's questions: the configuration, and what is in a module's file.

import { statSync } from 'node:fs'
import { configText } from '../kmod/config_text.ts'
import type { Index } from '../kmod/lookup_indexes.ts'
import { ModuleFileError, readModuleElf, readModuleFile } from '../kmod/module_file.ts'
import {
  exportedSymbols,
  moduleVersions,
  type SymbolVersion,
} from '../kmod/module_symbols.ts'
import type { ElfFile } from '../elf/reader.ts'
import { ENOENT } from '../include/uapi/errno.ts'
import { errnoOf, strerror } from './errors.ts'
import type { Context } from './modprobe_context.ts'

/** -c: the configuration, and the aliases that depmod found. */
export function showConfig({ world, lookup, indexes }: Context): number {
  world.out(configText(lookup.config))
  world.out('\n# End of configuration files. Dumping indexes now:\n\n')
  for (const index of [indexes.alias, indexes.symbols]) world.out(aliases(index))
  return 0
}

function aliases(index: Index): string {
  return [...index.entries()].map(({ key, value }) => `alias ${key} ${value}\n`).join('')
}

/** --show-modversions: the symbols that `file` was built against. */
export function showModversions(context: Context, file: string): Promise<number> {
  return showSymbols(context, file, 'modversions', moduleVersions)
}

/** --show-exports: the symbols that `file` offers to others. */
export function showExports(context: Context, file: string): Promise<number> {
  return showSymbols(context, file, 'symbols', exportedSymbols)
}

/** No symbols at all is an error. */
async function showSymbols(
  { world, log }: Context,
  file: string,
  what: string,
  symbolsOf: (elf: ElfFile) => readonly SymbolVersion[],
): Promise<number> {
  if (!statSync(file, { throwIfNoEntry: false })) {
    log.fatal(`Module ${file} not found.`)
    return -ENOENT
  }
  const symbols = await symbolsIn(file, symbolsOf)
  if (typeof symbols === 'number') {
    log.fatal(`could not get ${what} of ${file}: ${strerror(symbols)}`)
    return -symbols
  }
  for (const { name, crc } of symbols) {
    world.out(`0x${crc.toString(16).padStart(8, '0')}\t${name}\n`)
  }
  return 0
}

/** The symbols, or a positive error number. */
async function symbolsIn(
  file: string,
  symbolsOf: (elf: ElfFile) => readonly SymbolVersion[],
): Promise<readonly SymbolVersion[] | number> {
  try {
    const symbols = symbolsOf(readModuleElf(await readModuleFile(file)))
    return symbols.length > 0 ? symbols : ENOENT
  } catch (error) {
    return error instanceof ModuleFileError ? error.errno : errnoOf(error)
  }
}
