// The text files that depmod writes.

import type { DepmodLog } from './depmod_log.ts'
import { type DepmodModule, shownPath } from './depmod_module.ts'
import { allDependencies } from './depmod_sort.ts'
import type { SymbolTable } from './depmod_symbols.ts'

/** What there is to write about. */
export interface Results {
  /** In the order in which they are written. */
  readonly modules: readonly DepmodModule[]
  readonly symbols: SymbolTable
  /** -w: report what a module says twice. */
  readonly warnDuplicates: boolean
  readonly log: DepmodLog
  /** A file in the folder of the kernel's modules; that it is missing has been reported. */
  readonly file: (name: string) => Uint8Array | undefined
}

export function modulesDep({ modules }: Results): string {
  return modules.map(module => `${dependencyLine(module)}\n`).join('')
}

/** "path: path path". */
export function dependencyLine(module: DepmodModule): string {
  return `${shownPath(module)}:${allDependencies(module)
    .map(dep => ` ${shownPath(dep)}`)
    .join('')}`
}

export function modulesAlias({ modules }: Results): string {
  const lines = modules.flatMap(({ name, facts }) =>
    facts.aliases.map(alias => `alias ${alias} ${name}\n`),
  )
  return `# Aliases extracted from modules themselves.\n${lines.join('')}`
}

export function modulesSoftdep({ modules }: Results): string {
  const lines = modules.flatMap(({ name, facts }) =>
    facts.softdeps.map(softdep => `softdep ${name} ${softdep}\n`),
  )
  return `# Soft dependencies extracted from modules themselves.\n${lines.join('')}`
}

export function modulesSymbols({ symbols }: Results): string {
  const lines = symbols
    .exported()
    .map(({ name, owner }) => `alias symbol:${name} ${owner.name}\n`)
  return `# Aliases for symbols, used by symbol_request().\n${lines.join('')}`
}

/** Modules that have device nodes made for them, before they are loaded. */
export function modulesDevname({ modules, log }: Results): string {
  const lines = modules.flatMap(module => devnameLine(module, log) ?? [])
  if (lines.length === 0) return ''
  return `# Device nodes to trigger on-demand module loading.\n${lines.join('')}`
}

/** The first name and the first number that the aliases have together. */
function devnameLine({ name, facts }: DepmodModule, log: DepmodLog): string | undefined {
  let devname: string | undefined
  let number: string | undefined
  for (const alias of facts.aliases) {
    if (alias.startsWith('devname:')) devname = alias.slice('devname:'.length)
    else number = deviceNumber(alias) ?? number
    if (devname !== undefined && number !== undefined) break
  }
  if (devname === undefined) return undefined
  if (number !== undefined) return `${name} ${devname} ${number}\n`
  log(
    'ERROR',
    `Module '${name}' has devname (${devname}) but lacks major and minor information. Ignoring.`,
  )
  return undefined
}

/** "c10:200" for char-major-10-200. */
function deviceNumber(alias: string): string | undefined {
  const [, type, major, minor] = /^(char|block)-major-(\d+)-(\d+)/.exec(alias) ?? []
  return type && `${type.charAt(0)}${Number(major)}:${Number(minor)}`
}
