// The checks between compiling and linking, over all modules of a build: does every symbol
// exist, may this module use it, and what does .modinfo say.
import { crc32 } from 'node:zlib'
import type { ModinfoEntry } from '../elf/modinfo.ts'
import { modinfoValue } from '../elf/modinfo.ts'
import type { ExportedSymbol } from '../elf/module_layout.ts'
import { license_is_gpl_compatible } from '../lib/license.ts'
import { KbuildError } from './errors.ts'
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

/** Throws KbuildError if two export the same symbol. */
export function symbolTable(
  known: readonly SymversEntry[],
  modules: readonly Pick<CompiledModule, 'path' | 'exports'>[],
): SymbolTable {
  const table: SymbolTable = new Map(known.map(entry => [entry.name, entry]))
  const errors: string[] = []
  for (const { path, exports } of modules) {
    for (const { name, crc, gpl, namespace } of exports) {
      const previous = table.get(name)
      if (previous && moduleName(previous.module) !== moduleName(path)) {
        errors.push(
          `${path}: '${name}' exported twice. Previous export was in ${inFile(previous.module)}`,
        )
      }
      table.set(name, { name, crc, module: path, gpl, namespace })
    }
  }
  throwIfAny(errors)
  return table
}

function inFile(module: string): string {
  return module === 'vmlinux' ? module : `${module}.ko`
}

/** Check one module against all symbols. Throws KbuildError with a line for each mistake. */
export function modpost(module: CompiledModule, table: SymbolTable): Linkage {
  const licence = modinfoValue(module.facts.modinfo, 'license')
  const errors =
    licence === undefined ? [`missing MODULE_LICENSE() in ${module.path}.o`] : []

  const linkage: Linkage = { versions: new Map(), depends: [] }
  const layout = table.get(MODULE_LAYOUT)
  if (layout) linkage.versions.set(MODULE_LAYOUT, layout.crc)
  for (const name of module.undefined) {
    const symbol = table.get(name)
    const error = symbolError(module, name, symbol, licence)
    if (error !== undefined) errors.push(error)
    else if (symbol) use(symbol, linkage)
  }
  throwIfAny(errors)
  return linkage
}

function symbolError(
  module: CompiledModule,
  name: string,
  symbol: SymversEntry | undefined,
  licence: string | undefined,
): string | undefined {
  if (!symbol || symbol.module === module.path) {
    return `"${name}" [${module.path}.ko] undefined!`
  }
  if (symbol.gpl && licence !== undefined && !license_is_gpl_compatible(licence)) {
    return `GPL-incompatible module ${module.name}.ko uses GPL-only symbol '${name}'`
  }
  if (symbol.namespace !== '' && !importsNamespace(module, symbol.namespace)) {
    return (
      `module ${module.name} uses symbol ${name} from namespace ${symbol.namespace}, ` +
      'but does not import it.'
    )
  }
  return undefined
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

function throwIfAny(errors: readonly string[]): void {
  if (errors.length === 0) return
  throw new KbuildError(errors.map(error => `ERROR: modpost: ${error}`).join('\n'))
}

export interface ModinfoOptions {
  /** Depends on the sources; only shown when there is a MODULE_VERSION. */
  srcversion: string
  vermagic: string
  /** Part of the kernel's own tree: does not taint. */
  intree: boolean
  /** process.arch of the machine the module is for. */
  arch: string
}

/**
 * .modinfo in the order gcc gives it: what the source says in reverse, then what kbuild adds.
 * `retpoline` is what x86 kernels look for before they trust a module.
 */
export function modinfo(
  module: CompiledModule,
  depends: readonly string[],
  options: ModinfoOptions,
): ModinfoEntry[] {
  const entries = module.facts.modinfo.toReversed()
  if (modinfoValue(entries, 'version') !== undefined) {
    entries.push(['srcversion', options.srcversion])
  }
  entries.push(['depends', depends.join(',')])
  if (options.arch === 'x64') entries.push(['retpoline', 'Y'])
  if (options.intree) entries.push(['intree', 'Y'])
  entries.push(['name', module.name], ['vermagic', options.vermagic])
  return entries
}
