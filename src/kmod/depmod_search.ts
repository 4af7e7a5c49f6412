// Finds the modules below /lib/modules/<release> and in external folders, each name once.

import { opendirSync, statSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import type { DepmodConfig } from './depmod_config.ts'
import type { DepmodLog } from './depmod_log.ts'
import { type ModulePlace, staysFirst } from './depmod_priority.ts'
import { isModulePath, pathToModname } from './module_path.ts'

/** Folders that belong to the kernel's sources, and are mostly links to them. */
const NEVER = ['build', 'source']

export interface Search {
  /** The folder of the kernel's modules. */
  readonly dirname: string
  readonly config: DepmodConfig
  readonly log: DepmodLog
  /** What the C library calls an error that Node's fs has thrown. */
  readonly words: (error: unknown) => string
}

/**
 * The modules by name. Throws as fs does if there is no such folder, which has been reported;
 * other mistakes are reported and passed over.
 */
export function findModules(search: Search): Map<string, ModulePlace> {
  const found = new Map<string, ModulePlace>()
  searchPath(search.dirname, search, found)
  for (const folder of search.config.externals) {
    try {
      searchPath(folder, search, found)
    } catch {
      // It has been reported, and is no reason to stop.
    }
  }
  return found
}

/** Where the module in `path` is, seen from the folder of the kernel's modules. */
export function placeOf(path: string, dirname: string): ModulePlace {
  const inside = path.startsWith(`${dirname}/`)
  return {
    name: pathToModname(path),
    path,
    relpath: inside ? path.slice(dirname.length + 1) : undefined,
  }
}

function searchPath(
  folder: string,
  search: Search,
  found: Map<string, ModulePlace>,
): void {
  let entries: Dirent[]
  try {
    entries = inDiskOrder(folder)
  } catch (error) {
    const reason = search.words(error)
    search.log('ERROR', `could not open directory ${folder}: ${reason}`)
    throw error
  }
  for (const entry of entries) searchEntry(folder, entry, search, found)
}

/** readdir's order decides between equals, as it does for the real depmod. */
function inDiskOrder(folder: string): Dirent[] {
  const directory = opendirSync(folder)
  const entries: Dirent[] = []
  try {
    for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
      entries.push(entry)
    }
  } finally {
    directory.closeSync()
  }
  return entries
}

function searchEntry(
  folder: string,
  entry: Dirent,
  search: Search,
  found: Map<string, ModulePlace>,
): void {
  if ([...NEVER, ...search.config.excludes].includes(entry.name)) return
  const path = `${folder}/${entry.name}`
  const kind = kindOf(entry, path, search)
  if (kind === 'file') addFile(path, search, found)
  if (kind !== 'folder') return
  try {
    for (const inner of inDiskOrder(path)) searchEntry(path, inner, search, found)
  } catch (error) {
    search.log('ERROR', `openat(${path}, O_RDONLY): ${search.words(error)}`)
  }
}

function kindOf(
  entry: Dirent,
  path: string,
  { log, words }: Search,
): 'file' | 'folder' | undefined {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  try {
    const stat = statSync(path)
    if (stat.isFile()) return 'file'
    if (stat.isDirectory()) return 'folder'
    const type = (stat.mode & 0o170000).toString(8)
    log('ERROR', `unsupported file type ${path}: ${type}`)
  } catch (error) {
    log('ERROR', `fstatat(${path}): ${words(error)}`)
  }
  return undefined
}

function addFile(
  path: string,
  { dirname, config }: Search,
  found: Map<string, ModulePlace>,
): void {
  if (!isModulePath(path.slice(path.lastIndexOf('/') + 1))) return
  const place = placeOf(path, dirname)
  const old = found.get(place.name)
  if (!old || !staysFirst(old, place, config)) found.set(place.name, place)
}
