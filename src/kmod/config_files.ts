// Which files are the configuration, and in which order they are read.

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Config, type ConfigProblem, emptyConfig, parseConfig } from './config.ts'

/** Below a root, best first: of two files with one name, the one in the earlier folder counts. */
export const CONFIG_FOLDERS = [
  'etc/modprobe.d',
  'run/modprobe.d',
  'usr/local/lib/modprobe.d',
  'lib/modprobe.d',
]

/** What is wrong in `file`. */
export type FileProblem =
  | { readonly file: string; readonly problem: ConfigProblem }
  | { readonly file: string; readonly problem: { readonly kind: 'nested folder' } }

/**
 * Read the configuration in `paths`, files or folders, together with the modules' own softdeps in
 * `softdepFile`. Files are read in the order of their names, wherever they are; what cannot be
 * read is left out.
 */
export function readConfig(
  paths: readonly string[],
  softdepFile: string,
  report: (problem: FileProblem) => void,
): Config {
  const config = emptyConfig()
  const files = new Map([[basename(softdepFile), softdepFile]])
  for (const path of paths) {
    for (const file of filesAt(path, report)) {
      if (!files.has(basename(file))) files.set(basename(file), file)
    }
  }
  const inOrder = [...files].toSorted(([a], [b]) => Buffer.compare(bytes(a), bytes(b)))
  for (const [, file] of inOrder) {
    parseConfig(contents(file), config, problem => report({ file, problem }))
  }
  return config
}

function filesAt(path: string, report: (problem: FileProblem) => void): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [path]
  return readdirSync(path)
    .filter(isConfigName)
    .map(name => join(path, name))
    .filter(file => {
      const folder = statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false
      if (folder) report({ file, problem: { kind: 'nested folder' } })
      return !folder
    })
}

function isConfigName(name: string): boolean {
  return !name.startsWith('.') && name.length >= 6 && /\.(?:conf|alias)$/.test(name)
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function bytes(name: string): Uint8Array {
  return Buffer.from(name)
}
