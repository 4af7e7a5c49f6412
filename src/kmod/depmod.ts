// depmod: from modules to the files that say which needs which, and who answers to which alias.
//
// Here is all that does not touch a disk: src/tools/depmod.ts reads and writes, and a machine
// that boots has its modules in memory.

import type { DepmodLog } from './depmod_log.ts'
import { type DepmodModule, type FoundModule, NO_FACTS } from './depmod_module.ts'
import {
  modulesAlias,
  modulesDep,
  modulesDevname,
  modulesSoftdep,
  modulesSymbols,
  type Results,
} from './depmod_output.ts'
import {
  modulesAliasBin,
  modulesBuiltinAliasBin,
  modulesBuiltinBin,
  modulesDepBin,
  modulesSymbolsBin,
} from './depmod_output_bin.ts'
import type { ModulePlace } from './depmod_priority.ts'
import { sortModules } from './depmod_sort.ts'
import { linkModule, type LinkOptions, SymbolTable } from './depmod_symbols.ts'
import { hashOrder } from './hash_order.ts'

/** Every file that depmod writes, in the order in which it does. Text is shown by -n. */
export const DEPMOD_FILES: readonly (
  | { name: string; text: (results: Results) => string }
  | { name: string; binary: (results: Results) => Uint8Array }
)[] = [
  { name: 'modules.dep', text: modulesDep },
  { name: 'modules.dep.bin', binary: modulesDepBin },
  { name: 'modules.alias', text: modulesAlias },
  { name: 'modules.alias.bin', binary: modulesAliasBin },
  { name: 'modules.softdep', text: modulesSoftdep },
  { name: 'modules.symbols', text: modulesSymbols },
  { name: 'modules.symbols.bin', binary: modulesSymbolsBin },
  { name: 'modules.builtin.bin', binary: modulesBuiltinBin },
  { name: 'modules.builtin.alias.bin', binary: modulesBuiltinAliasBin },
  { name: 'modules.devname', text: modulesDevname },
]

/** kmod's table of modules has as many buckets; without modules.order theirs is the order. */
const BUCKETS = 512

export interface DepmodInput {
  /** The folder of the kernel's modules, as messages name it. */
  readonly dirname: string
  /** Symbols of the kernel itself; the modules' are added. */
  readonly symbols: SymbolTable
  readonly link: LinkOptions
  readonly warnDuplicates: boolean
  readonly log: DepmodLog
  /** A file in that folder, such as modules.order. Reports one that is missing. */
  readonly file: (name: string) => Uint8Array | undefined
  /** What the C library calls an error that reading a module gave. */
  readonly words: (error: Error) => string
}

/** Work out who needs whom. Undefined if there are cycles, which have been reported. */
export function depmod(
  found: readonly FoundModule[],
  input: DepmodInput,
): Results | undefined {
  const { symbols, log, file, warnDuplicates } = input
  const modules = inOrder(found, input).map((module, index) => load(module, index, input))
  for (const module of modules) linkModule(module, symbols, input.link, log)
  if (!sortModules(modules, log)) return undefined
  return { modules, symbols, warnDuplicates, log, file }
}

function load(
  { facts, ...place }: FoundModule,
  index: number,
  { symbols, log, words }: DepmodInput,
): DepmodModule {
  const failed = facts instanceof Error
  if (failed) log('ERROR', `failed to load symbols from ${place.path}: ${words(facts)}`)
  const module = {
    ...place,
    facts: failed ? NO_FACTS : facts,
    index,
    deps: [],
    users: 0,
    order: 0,
  }
  for (const { name, crc } of module.facts.exports) symbols.add(name, crc, module)
  return module
}

/** As modules.order lists them, then the others. */
function inOrder(found: readonly FoundModule[], input: DepmodInput): FoundModule[] {
  const byName = new Map(found.map(module => [module.name, module]))
  const modules = hashOrder(byName.keys(), BUCKETS).flatMap(
    name => byName.get(name) ?? [],
  )
  const lines = orderLines(input)
  const last = new Map(lines.map((line, at) => [line, at]))
  const position = (module: FoundModule) => last.get(orderPath(module)) ?? lines.length
  return modules.toSorted((a, b) => position(a) - position(b))
}

/** modules.order; nothing if its last line has no end. */
function orderLines({ dirname, file, log }: DepmodInput): string[] {
  const order = file('modules.order')
  const lines = Buffer.from(order ?? [])
    .toString()
    .split('\n')
  if (lines.at(-1) === '') return lines.slice(0, -1)
  const place = `${dirname}/modules.order:${lines.length}`
  log('ERROR', `${place} corrupted line misses '\\n'`)
  return []
}

/** The path that modules.order has for it: without what compression has added. */
function orderPath({ name, relpath }: ModulePlace): string {
  if (relpath === undefined) return ''
  const folder = relpath.lastIndexOf('/') + 1
  return relpath.slice(0, folder + name.length + '.ko'.length)
}
