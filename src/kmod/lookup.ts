// Names and aliases to modules: what libkmod does with what modprobe is given.

import type { Config } from './config.ts'
import { type ModuleDependencies, parseDependencyLine } from './dep_file.ts'
import { fnmatch } from './fnmatch.ts'
import type { Indexes } from './lookup_indexes.ts'
import { KmodModule } from './lookup_module.ts'
import { normalizeAlias } from './names.ts'

/** Of one name there is one module object, and one more for each alias it was asked for by. */
export class Lookup {
  /** The folder of the modules, absolute. */
  readonly dirname: string
  readonly config: Config
  readonly #indexes: Indexes
  readonly #pool = new Map<string, KmodModule>()
  readonly #onMissing: (path: string) => void

  /** `onMissing` is told of a dependency whose file is not there. */
  constructor(
    dirname: string,
    config: Config,
    indexes: Indexes,
    onMissing: (path: string) => void,
  ) {
    this.dirname = dirname
    this.config = config
    this.#indexes = indexes
    this.#onMissing = onMissing
  }

  /**
   * The modules that `text` names; the first place that knows any counts. Undefined if it can
   * be no name at all.
   */
  find(text: string): KmodModule[] | undefined {
    const name = normalizeAlias(text)
    if (name === undefined) return undefined
    const places = [
      () => this.#fromConfig(name),
      () => this.#fromDependencies(name),
      () => this.#fromSymbols(name),
      () => this.#fromCommands(name),
      () => this.#fromAliases(name),
      () => this.#fromBuiltin(name),
      () => this.#fromBuiltinAliases(name),
    ]
    for (const place of places) {
      const found = place()
      if (found.length > 0) return found
    }
    return []
  }

  /** The module of that name, in a file or part of the kernel; of aliases only the latter's. */
  byName(name: string): KmodModule | undefined {
    return (
      this.#fromDependencies(name)[0] ??
      this.#fromBuiltin(name)[0] ??
      this.#fromBuiltinAliases(name)[0]
    )
  }

  /** The module of that name, known or not. */
  named(name: string): KmodModule {
    return this.#module(name, name)
  }

  /** What modules.dep says about a module. */
  dependencies(name: string): ModuleDependencies | undefined {
    const [line] = this.#indexes.dep.search(name)
    return line && parseDependencyLine(line.value)
  }

  isBuiltin(name: string): boolean {
    return this.#indexes.builtin.search(name).length > 0
  }

  /** A file that modules.dep names is not there. */
  missing(path: string): void {
    this.#onMissing(path)
  }

  /** Modules are asked for anew: forget which have been seen. */
  unvisit(): void {
    for (const module of this.#pool.values()) {
      module.visited = false
      module.required = false
    }
  }

  #module(key: string, name: string, alias?: string): KmodModule {
    const known = this.#pool.get(key)
    if (known) return known
    const module = new KmodModule(this, name, alias)
    this.#pool.set(key, module)
    return module
  }

  #aliased(alias: string, name: string): KmodModule {
    return this.#module(`${name}\\${alias}`, name, alias)
  }

  #fromConfig(name: string): KmodModule[] {
    return this.config.aliases
      .filter(alias => fnmatch(alias.name, name))
      .map(alias => this.#aliased(alias.name, alias.module))
  }

  #fromDependencies(name: string): KmodModule[] {
    if (name.includes(':') || !this.dependencies(name)) return []
    const module = this.named(name)
    module.dependencies()
    return [module]
  }

  #fromSymbols(name: string): KmodModule[] {
    if (!name.startsWith('symbol:')) return []
    return this.#indexes.symbols
      .searchWild(name)
      .map(({ value }) => this.#aliased(name, value))
  }

  /** A name may stand for a command only. */
  #fromCommands(name: string): KmodModule[] {
    const { install, remove } = this.config
    const command =
      install.find(({ module }) => module === name) ??
      remove.find(({ module }) => module === name)
    return command ? [this.named(name)] : []
  }

  #fromAliases(name: string): KmodModule[] {
    return this.#indexes.alias
      .searchWild(name)
      .map(({ value }) => this.#aliased(name, value))
  }

  #fromBuiltin(name: string): KmodModule[] {
    return this.isBuiltin(name) ? [this.named(name)] : []
  }

  #fromBuiltinAliases(name: string): KmodModule[] {
    const modules = this.#indexes.builtinAlias.searchWild(name)
    return modules.map(({ value }) => {
      const module = this.#aliased(name, value)
      module.markBuiltin()
      return module
    })
  }
}
