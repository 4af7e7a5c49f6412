// The index files of a folder below /lib/modules, opened.

import { readFileSync } from 'node:fs'
import { IndexError, IndexFile } from './index_file.ts'

/** What of an index file a search needs. */
export type Index = Pick<IndexFile, 'search' | 'searchWild' | 'entries'>

export interface Indexes {
  readonly dep: Index
  readonly alias: Index
  readonly symbols: Index
  readonly builtin: Index
  readonly builtinAlias: Index
}

/** An index that is missing or damaged is one in which nothing is found. */
export function openIndexes(dirname: string): Indexes {
  const open = (name: string) => openIndex(`${dirname}/modules.${name}.bin`)
  return {
    dep: open('dep'),
    alias: open('alias'),
    symbols: open('symbols'),
    builtin: open('builtin'),
    builtinAlias: open('builtin.alias'),
  }
}

function openIndex(path: string): Index {
  try {
    return new IndexFile(readFileSync(path))
  } catch (error) {
    if (error instanceof IndexError || isSystemError(error)) return NOTHING
    throw error
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

const NOTHING: Index = {
  search: () => [],
  searchWild: () => [],
  *entries() {},
}
