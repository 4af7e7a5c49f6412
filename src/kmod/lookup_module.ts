// A module as libkmod knows it: a name, perhaps a file, and what the configuration says of it.

import { existsSync } from 'node:fs'
import { fnmatch } from './fnmatch.ts'
import type { Lookup } from './lookup.ts'
import { pathToModname } from './module_path.ts'

export class KmodModule {
  readonly name: string
  /** What it was asked for by, if not by its name. */
  readonly alias: string | undefined
  /** Seen already, by the search for what is to be loaded (lookup_probe.ts). */
  visited = false
  /** Asked for, or needed by what was asked for: an error of it counts. */
  required = false
  /** Its install command is not to be run, because its soft dependencies stand in its place. */
  ignoreCommand = false
  readonly #lookup: Lookup
  #builtin: boolean | undefined
  #dependencies: KmodModule[] | undefined

  constructor(lookup: Lookup, name: string, alias: string | undefined) {
    this.#lookup = lookup
    this.name = name
    this.alias = alias
  }

  /** Its file, if modules.dep knows it; the file need not be there. */
  get path(): string | undefined {
    const line = this.#lookup.dependencies(this.name)
    return line && this.#absolute(line.path)
  }

  get builtin(): boolean {
    return (this.#builtin ??= this.#lookup.isBuiltin(this.name))
  }

  markBuiltin(): void {
    this.#builtin = true
  }

  /**
   * All that it needs, each after what it needs itself. None, and the lookup is told, if one has
   * no file; then the next call tries again.
   */
  dependencies(): readonly KmodModule[] {
    if (this.#dependencies) return this.#dependencies
    const found: KmodModule[] = []
    for (const needed of this.#lookup.dependencies(this.name)?.needs ?? []) {
      const path = this.#absolute(needed)
      if (!existsSync(path)) {
        this.#lookup.missing(path)
        return []
      }
      found.unshift(this.#lookup.named(pathToModname(path)))
    }
    return (this.#dependencies = found)
  }

  /** Options of the configuration: for its name, and for the alias it was asked for by. */
  get options(): string {
    return this.#lookup.config.options
      .filter(({ module }) => module === this.name || module === this.alias)
      .map(({ text }) => text)
      .filter(text => text !== '')
      .join(' ')
  }

  get blacklisted(): boolean {
    return this.#lookup.config.blacklist.includes(this.name)
  }

  get installCommand(): string | undefined {
    return this.#command('install')
  }

  get removeCommand(): string | undefined {
    return this.#command('remove')
  }

  /** Modules to load before and after it; those that nobody knows are left out. */
  softdeps(): { pre: KmodModule[]; post: KmodModule[] } {
    const { softdeps } = this.#lookup.config
    const softdep = softdeps.find(({ module }) => fnmatch(module, this.name))
    const modules = (names: readonly string[] = []) =>
      names.flatMap(name => this.#lookup.find(name) ?? [])
    return { pre: modules(softdep?.pre), post: modules(softdep?.post) }
  }

  #command(kind: 'install' | 'remove'): string | undefined {
    const commands = this.#lookup.config[kind]
    return commands.find(({ module }) => fnmatch(module, this.name))?.command
  }

  #absolute(path: string): string {
    return path.startsWith('/') ? path : `${this.#lookup.dirname}/${path}`
  }
}
