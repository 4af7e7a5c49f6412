// The index files that depmod writes, which modprobe and modinfo search.

import { dependencyLine, type Results } from './depmod_output.ts'
import { IndexTextError, IndexWriter } from './index_writer.ts'
import { pathToModname } from './module_path.ts'
import { normalizeAlias } from './names.ts'

export function modulesDepBin(results: Results): Uint8Array {
  const index = new CheckedIndex(results)
  for (const module of results.modules) {
    const line = dependencyLine(module)
    index.insert(module.name, line, module.index, () => `deps:\n${line}`)
  }
  return index.bytes()
}

export function modulesAliasBin(results: Results): Uint8Array {
  const index = new CheckedIndex(results)
  for (const { name, facts, index: priority } of results.modules) {
    for (const text of facts.aliases) {
      const alias = normalizeAlias(text)
      if (alias === undefined) results.log('WARNING', `Unmatched bracket in ${text}`)
      else index.insert(alias, name, priority, () => `alias:\n${alias} ${name}`)
    }
  }
  return index.bytes()
}

export function modulesSymbolsBin(results: Results): Uint8Array {
  const index = new CheckedIndex(results)
  for (const { name, owner } of results.symbols.exported()) {
    const alias = `symbol:${name}`
    index.insert(alias, owner.name, owner.index, () => `syms:\n${alias} ${owner.name}`)
  }
  return index.bytes()
}

/** What modules.builtin lists; empty if there is no such file. */
export function modulesBuiltinBin(results: Results): Uint8Array {
  const file = results.file('modules.builtin')
  if (!file) return new Uint8Array()
  const index = new CheckedIndex(results)
  for (const line of text(file).split(/(?<=\n)/)) {
    if (/^[A-Za-z]/.test(line)) index.insert(pathToModname(line), '', 0)
    else if (line !== '') results.log('ERROR', `Invalid modules.builtin line: ${line}`)
  }
  return index.bytes()
}

/** The aliases in modules.builtin.modinfo; empty if there is no such file. */
export function modulesBuiltinAliasBin(results: Results): Uint8Array {
  const file = results.file('modules.builtin.modinfo')
  if (!file) return new Uint8Array()
  const index = new CheckedIndex(results)
  for (const entry of text(file).split('\0')) {
    const [, name, alias] = /^([^.]+)\.alias=(.+)$/s.exec(entry) ?? []
    if (name === undefined || alias === undefined) continue
    const plain = normalizeAlias(alias)
    if (plain !== undefined) index.insert(plain, name, 0)
    else results.log('WARNING', `Unmatched bracket in ${alias}`)
  }
  return index.bytes()
}

/** An index that reports duplicates, if that is wanted, and what it cannot hold. */
class CheckedIndex {
  readonly #index = new IndexWriter()
  readonly #results: Results

  constructor(results: Results) {
    this.#results = results
  }

  insert(key: string, value: string, priority: number, about?: () => string): void {
    const { warnDuplicates, log } = this.#results
    try {
      const duplicate = this.#index.insert(key, value, priority)
      if (duplicate && warnDuplicates && about) {
        log('WARNING', `duplicate module ${about()}`)
      }
    } catch (error) {
      if (!(error instanceof IndexTextError)) throw error
      log('ERROR', `Module index: only 7-bit ASCII is supported: ${key}`)
    }
  }

  bytes(): Uint8Array {
    return this.#index.bytes()
  }
}

function text(file: Uint8Array): string {
  return Buffer.from(file).toString()
}
