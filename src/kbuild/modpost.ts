// The checks between compiling and linking, over all modules of a build: does every symbol
// exist, may this module use it, and what does .modinfo say.
import { crc32 } from 'node:zlib'
import { modinfoValue } from '../elf/modinfo.ts'
import type { ExportedSymbol } from '../elf/module_layout.ts'
import type { ElfFile } from '../elf/reader.ts'
import { SHN_UNDEF } from '../include/uapi/elf.ts'
import { license_is_gpl_compatible } from '../lib/license.ts'
import type { ModuleFacts } from './evaluate.ts'
import type { SymversEntry } from './symvers.ts'

/** A module between compiling and linking. */
export interface CompiledModule {
  name: string
  /** Path without suffix, as people know it and as Module.symvers has it. */
  path: string
  undefined: readonly string[]
  facts: ModuleFacts
  exports: readonly ExportedSymbol[]
}

/** What linking has to add. */
export interface Linkage {
  /** CRC of each symbol used, module_layout first. */
  versions: Map<string, number>
  /** Names of the modules whose symbols are used. */
  depends: string[]
}

/** Symbols by name: the kernel's, other modules', and those of this build. */
export type SymbolTable = Map<string, SymversEntry>

/** In every __versions: stands for the interface between module and kernel as a whole. */
export const MODULE_LAYOUT = 'module_layout'

/** Exports with their CRC, which is made of the declaration: it changes with the signature. */
export function exportsWithCrc(
  facts: ModuleFacts,
  signatures: ReadonlyMap<string, string>,
): ExportedSymbol[] {
  return facts.exports.map(symbol => ({
    ...symbol,
    crc: crc32(signatures.get(symbol.name) ?? symbol.name),
  }))
}

/** What modpost found out. */
export interface Findings<M extends CompiledModule> {
  /** In the words of Linux, without `ERROR: modpost:`; any of them stops the build. */
  errors: string[]
  warnings: string[]
  linked: Linked<M>[]
  /** For Module.symvers. */
  exported: SymversEntry[]
}

export interface Linked<M extends CompiledModule> {
  module: M
  linkage: Linkage
}

export interface ModpostOptions {
  /** Undefined symbols are warnings: KBUILD_MODPOST_WARN=1. */
  warnUndefined: boolean
}

/** More undefined symbols than this are only counted. */
const MAX_UNRESOLVED_REPORTS = 10

/** Check all modules of a build against `known` symbols and each other. */
export function modpost<M extends CompiledModule>(
  modules: readonly M[],
  known: readonly SymversEntry[],
  { warnUndefined }: ModpostOptions,
): Findings<M> {
  const errors = modules
    .filter(({ facts }) => modinfoValue(facts.modinfo, 'license') === undefined)
    .map(({ path }) => `missing MODULE_LICENSE() in ${path}.o`)
  const { table, exported, twice } = symbolTable(known, modules)
  errors.push(...twice)

  const undefinedSymbols: string[] = []
  const linked = modules.map(module => {
    const { linkage, missing, refused } = link(module, table)
    undefinedSymbols.push(...missing)
    errors.push(...(warnUndefined ? [] : missing), ...refused)
    return { module, linkage }
  })
  return { ...limited(errors, undefinedSymbols, warnUndefined), linked, exported }
}

/** Name no more than ten undefined symbols. */
function limited(
  errors: readonly string[],
  undefinedSymbols: readonly string[],
  warnUndefined: boolean,
): Pick<Findings<CompiledModule>, 'errors' | 'warnings'> {
  const hidden = undefinedSymbols.slice(MAX_UNRESOLVED_REPORTS)
  const named = undefinedSymbols.slice(0, MAX_UNRESOLVED_REPORTS)
  const warnings = warnUndefined ? [...named] : []
  if (hidden.length > 0) {
    // The closing parenthesis is Linux's.
    warnings.push(
      `suppressed ${hidden.length} unresolved symbol warnings because there were too many)`,
    )
  }
  return { errors: errors.filter(error => !hidden.includes(error)), warnings }
}

/** All symbols by name. Of two modules outside the kernel with the same one, the later counts. */
function symbolTable(
  known: readonly SymversEntry[],
  modules: readonly CompiledModule[],
): { table: SymbolTable; exported: SymversEntry[]; twice: string[] } {
  const table: SymbolTable = new Map(known.map(entry => [entry.name, entry]))
  const exported: SymversEntry[] = []
  const twice: string[] = []
  for (const { path, exports } of modules) {
    for (const { name, crc, gpl, namespace } of exports) {
      const where = exportedBefore(name, path, table, exported)
      if (where !== undefined) {
        twice.push(`${path}: '${name}' exported twice. Previous export was in ${where}`)
      }
      const entry = { name, crc, module: path, gpl, namespace }
      table.set(name, entry)
      exported.push(entry)
    }
  }
  return { table, exported, twice }
}

/** A file that exports `name` already, if it is the kernel or the same module. */
function exportedBefore(
  name: string,
  path: string,
  table: SymbolTable,
  exported: readonly SymversEntry[],
): string | undefined {
  if (table.get(name)?.module === 'vmlinux') return 'vmlinux'
  const isOwn = exported.some(one => one.name === name && one.module === path)
  return isOwn ? `${path}.ko` : undefined
}

interface Outcome {
  linkage: Linkage
  missing: string[]
  refused: string[]
}

/** Find each symbol that a module uses. */
function link(module: CompiledModule, table: SymbolTable): Outcome {
  const linkage: Linkage = { versions: new Map(), depends: [] }
  const outcome: Outcome = { linkage, missing: [], refused: [] }
  const layout = table.get(MODULE_LAYOUT)
  if (layout) linkage.versions.set(MODULE_LAYOUT, layout.crc)
  for (const name of module.undefined) {
    const symbol = table.get(name)
    if (!symbol) {
      outcome.missing.push(`"${name}" [${module.path}.ko] undefined!`)
      continue
    }
    outcome.refused.push(...refusals(module, symbol))
    use(symbol, linkage)
  }
  return outcome
}

function refusals(module: CompiledModule, symbol: SymversEntry): string[] {
  const { path, facts } = module
  const { name, namespace } = symbol
  if (symbol.module === path) {
    return [`"${name}" [${path}.ko] was exported without definition`]
  }
  const file = path.slice(path.lastIndexOf('/') + 1)
  const refused: string[] = []
  if (namespace !== '' && !importsNamespace(module, namespace)) {
    refused.push(
      `module ${file} uses symbol ${name} from namespace ${namespace}, but does not import it.`,
    )
  }
  const licences = facts.modinfo.filter(([tag]) => tag === 'license')
  if (symbol.gpl && !licences.every(([, value]) => license_is_gpl_compatible(value))) {
    refused.push(`GPL-incompatible module ${file}.ko uses GPL-only symbol '${name}'`)
  }
  return refused
}

function importsNamespace(module: CompiledModule, namespace: string): boolean {
  return module.facts.modinfo.some(
    ([tag, value]) => tag === 'import_ns' && value === namespace,
  )
}

function use(symbol: SymversEntry, { versions, depends }: Linkage): void {
  versions.set(symbol.name, symbol.crc)
  if (symbol.module === 'vmlinux') return

  const owner = moduleName(symbol.module)
  if (!depends.includes(owner)) depends.push(owner)
}

/** KBUILD_MODNAME of a path: its last part, with underscores for dashes. */
export function moduleName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replaceAll('-', '_')
}

/** Names of the symbols that an object lacks. */
export function undefinedIn(elf: Pick<ElfFile, 'symbols'>): string[] {
  return elf.symbols
    .filter(symbol => symbol.shndx === SHN_UNDEF && symbol.name !== '')
    .map(symbol => symbol.name)
}
