// All files below a folder of a machine, in an order that does not change.

import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface Found {
  path: string
  isFile: boolean
}

/** What is in it, folders and links, too. */
export function filesBelow(root: string, name: string): Found[] {
  return entriesOf(join(root, name)).flatMap(entry => {
    const path = join(name, entry.name)
    const inside = entry.isDirectory() ? filesBelow(root, path) : []
    return [{ path, isFile: entry.isFile() }, ...inside]
  })
}

/** The host looks them up again, and forgets those that have gone; else it does so when it needs memory. */
export function lookUpAgain(root: string, paths: readonly string[]): void {
  for (const path of paths) lstatSync(join(root, path), { throwIfNoEntry: false })
}

/** Those of a folder that goes while it is looked at are none. */
function entriesOf(folder: string): Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
