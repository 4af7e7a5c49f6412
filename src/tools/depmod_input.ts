// What depmod reads besides modules: its configuration, the kernel's symbols, the lists that come
// with a kernel.

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  DEPMOD_FOLDERS,
  emptyDepmodConfig,
  parseDepmodConfig,
  withDefaultSearch,
} from '../kmod/depmod_config.ts'
import type { DepmodConfig } from '../kmod/depmod_config.ts'
import type { DepmodLog } from '../kmod/depmod_log.ts'
import type { SymbolTable } from '../kmod/depmod_symbols.ts'
import { Failed, wordsOf } from './depmod_log.ts'
import type { Options } from './options.ts'

/** Where the configuration is below `root`. */
export function configPaths(root: string): string[] {
  return DEPMOD_FOLDERS.map(folder => join(root, folder))
}

/** In the order of the files' names, wherever they are; of one name, the first counts. */
export function readDepmodConfig(
  paths: readonly string[],
  release: string,
  log: DepmodLog,
): DepmodConfig {
  const files = new Map<string, string>()
  for (const file of paths.flatMap(path => configFiles(path, log))) {
    if (!files.has(basename(file))) files.set(basename(file), file)
  }
  const config = emptyDepmodConfig()
  const inOrder = [...files].toSorted(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
  for (const [, file] of inOrder) {
    parseDepmodConfig(config, contents(file, log), { file, release, log })
  }
  return withDefaultSearch(config)
}

/** Read -E or else -F. False if there is neither, and so no symbol of the kernel is known. */
export function readKernelSymbols(
  options: Options,
  symbols: SymbolTable,
  log: DepmodLog,
): boolean {
  const symvers = options.get('symvers')
  const systemMap = options.get('filesyms')
  const file = symvers ?? systemMap
  if (file === undefined) {
    if (options.has('errsyms')) log('WARNING', '-e needs -E or -F')
    return false
  }
  const text = kernelFile(file, log)
  if (file === symvers) symbols.addSymvers(text, file, log)
  else symbols.addSystemMap(text, file, log)
  return true
}

/** A file next to the modules, such as modules.order; reports that it is not there. */
export function readListFile(
  dirname: string,
  name: string,
  log: DepmodLog,
): Uint8Array | undefined {
  try {
    return readFileSync(`${dirname}/${name}`)
  } catch (error) {
    log('WARNING', `could not open ${name} at ${dirname}: ${wordsOf(error)}`)
    return undefined
  }
}

function kernelFile(file: string, log: DepmodLog): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    log('FATAL', `could not load ${file}: ${wordsOf(error)}`)
    throw new Failed()
  }
}

function configFiles(path: string, log: DepmodLog): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [path]
  return readdirSync(path)
    .filter(name => isConfigFile(path, name, log))
    .map(name => `${path}/${name}`)
}

function isConfigFile(folder: string, name: string, log: DepmodLog): boolean {
  if (name.startsWith('.')) return false
  if (!/.\.conf$/s.test(name)) {
    log('INFO', `All cfg files need .conf: ${folder}/${name}`)
    return false
  }
  const stat = statSync(`${folder}/${name}`, { throwIfNoEntry: false })
  if (!stat) log('ERROR', `Cannot stat directory entry: ${folder}${name}`)
  if (!stat?.isDirectory()) return stat !== undefined
  const where = `${folder}/${name}`
  log('ERROR', `Directories inside directories are not supported: ${where}`)
  return false
}

function contents(file: string, log: DepmodLog): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    log('ERROR', `file parse ${file}: ${wordsOf(error)}`)
    return ''
  }
}
