// The host's own /dev, /proc and /sys, seen through the machine's: what programs under
// `modbox run` find where the machine has nothing of that name.
//
// They appear as symbolic links into a folder `.host` of each of the three, which is there to have
// the host's files mounted on it (src/supervise/namespace.ts). Links are made when they are asked
// for by name, so that processes which begin later are there, too.

import { type Dir, lstatSync, opendirSync } from 'node:fs'
import { directory, fixed_inode_operations, type Inode, symlink } from '../fs/inode.ts'
import { HOST_FOLDER, MOUNTED_FOLDERS, SHARED_FOLDERS } from './run_view.ts'

const TOP = SHARED_FOLDERS.map(name => `/${name}`)
const MOUNTED = MOUNTED_FOLDERS.map(name => `/${name}`)

/** Folders below these three in which the host's entries stand beside the machine's. */
const SHARED = [
  '/sys/bus',
  '/sys/class',
  '/sys/dev',
  '/sys/devices',
  '/sys/devices/virtual',
  '/sys/firmware',
  '/sys/fs',
  '/sys/kernel',
]

/** Here that goes for all that is below. */
const SHARED_BELOW = '/proc/sys'

/** Times of processes count from the host's boot, so ps(1) must not see another. */
const HOSTS_OWN = ['/proc/uptime']

export class HostEntries {
  /** Folders to mount something on, by path. */
  readonly #doors = new Map<string, Inode>()
  /** Links that the transport knows, by path. */
  readonly #links = new Map<string, Inode>()
  /** Stands for each of the host's entries in a listing. */
  readonly #anyLink = symlink(HOST_FOLDER, fixed_inode_operations)

  /** What stands for `name` in the folder `dir` instead of what the machine has: `own`. */
  lookup(dir: Inode, name: string, own: Inode | undefined): Inode | undefined {
    const folder = dir.path
    if (!isShared(folder)) return own
    const path = `${folder}/${name}`
    if (name === HOST_FOLDER && TOP.includes(folder)) return this.#door(dir, name, path)
    if (own && !HOSTS_OWN.includes(path)) return own
    if (!exists(path)) return own
    return MOUNTED.includes(path)
      ? this.#door(dir, name, path)
      : this.#link(dir, name, path)
  }

  /** All entries of `dir`, the machine's first. */
  list(dir: Inode): [string, Inode][] {
    const own = [...(dir.children ?? [])]
    if (!isShared(dir.path)) return own

    const hosts = namesIn(dir.path).filter(name => !dir.child(name))
    return [...own, ...hosts.map((name): [string, Inode] => [name, this.#anyLink])]
  }

  /** The transport does not know `inode` any more. */
  forget(inode: Inode): void {
    const { path } = inode
    if (this.#links.get(path) === inode) this.#links.delete(path)
  }

  #door(dir: Inode, name: string, path: string): Inode {
    const known = this.#doors.get(path)
    if (known) return known

    const door = directory(0o555, fixed_inode_operations)
    door.name = name
    door.parent = dir
    this.#doors.set(path, door)
    return door
  }

  #link(dir: Inode, name: string, path: string): Inode {
    const known = this.#links.get(path)
    if (known) return known

    const [, , ...below] = path.split('/')
    const up = '../'.repeat(below.length - 1)
    const link = symlink(`${up}${HOST_FOLDER}/${below.join('/')}`, fixed_inode_operations)
    link.name = name
    link.parent = dir
    this.#links.set(path, link)
    return link
  }
}

function isShared(folder: string): boolean {
  return (
    TOP.includes(folder) ||
    SHARED.includes(folder) ||
    folder === SHARED_BELOW ||
    folder.startsWith(`${SHARED_BELOW}/`)
  )
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false // such as ESRCH of a process that is about to end
  }
}

/** In the host's order: that of /proc is of numbers, and ps(1) relies on it. */
function namesIn(folder: string): string[] {
  try {
    return [...entriesOf(opendirSync(folder))]
  } catch {
    return [] // the host has no such folder
  }
}

function* entriesOf(folder: Dir): Generator<string> {
  try {
    for (let entry = folder.readSync(); entry; entry = folder.readSync()) yield entry.name
  } finally {
    folder.closeSync()
  }
}
