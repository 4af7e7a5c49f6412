// The daemon as it is delivered: one file made of all its sources (scripts/bundle.ts), because Node takes
// longer to find hundreds of files than to run them. An index beside it leads back to the sources.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Locate } from './kernel/stack.ts'
import { packageRoot } from './package.ts'

/** What is beside the bundle, as JSON. */
export interface BundleIndex {
  /** From which line on it is which source, in order; lines count from 1. */
  readonly sources: readonly (readonly [line: number, source: string])[]
  /** What the sources call those whose names the bundler had to change, since another source has them as well. */
  readonly names: Readonly<Record<string, string>>
}

export function bundleFile(): string {
  return join(packageRoot(), 'dist', 'kerneld.js')
}

export function bundleIndexFile(): string {
  return join(packageRoot(), 'dist', 'kerneld.json')
}

/** Knows the lines of the bundle, and leaves others alone. */
export function locateInBundle(): Locate {
  const bundle = pathToFileURL(bundleFile()).href
  let index: BundleIndex | undefined
  return (script, line, symbol) => {
    if (script !== bundle) return { script, symbol }
    index ??= JSON.parse(readFileSync(bundleIndexFile(), 'utf8')) as BundleIndex
    const [, source] = index.sources.findLast(([from]) => from <= line) ?? [0, '']
    return { script: join(packageRoot(), source), symbol: index.names[symbol] ?? symbol }
  }
}
