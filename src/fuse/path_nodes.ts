// From paths to node ids: fuse-native names files by their paths, a FuseFilesystem by numbers.

import type { Caller, Entry, FuseFilesystem, Opened } from './filesystem.ts'
import { isDoor } from '../syscall/door.ts'
import { ROOT_ID } from './nodes.ts'

const DEV = '/dev/'

/** A file system that always answers at once where names are concerned. */
export interface NamedFilesystem extends FuseFilesystem {
  lookup(parent: number, name: string, caller: Caller): Entry | number
  opendir(nodeid: number, caller: Caller): Opened | number
}

export class PathNodes {
  readonly #fs: NamedFilesystem

  constructor(fs: NamedFilesystem) {
    this.#fs = fs
  }

  /** The node at `path`, looked up once: forget() gives it back. -errno if there is none. */
  find(path: string, caller: Caller): number {
    let node = ROOT_ID
    for (const name of realPath(path).split('/')) {
      if (name === '') continue
      const entry = this.#fs.lookup(node, name, caller)
      this.forget(node)
      if (typeof entry === 'number') return entry
      node = entry.nodeid
    }
    return node
  }

  /** What `use` answers for the node at `path`, or why there is none. */
  at<T>(path: string, caller: Caller, use: (node: number) => T): T | number {
    const node = this.find(path, caller)
    if (node < 0) return node
    try {
      return use(node)
    } finally {
      this.forget(node)
    }
  }

  /** As at(), for the folder that `path` is in and its name there. */
  inFolder<T>(
    path: string,
    caller: Caller,
    use: (folder: number, name: string) => T,
  ): T | number {
    const slash = path.lastIndexOf('/')
    return this.at(path.slice(0, slash), caller, node => use(node, path.slice(slash + 1)))
  }

  forget(node: number): void {
    this.#fs.forget(node, 1)
  }
}

/** Of /dev/modbox, which has many names (door.ts). */
function realPath(path: string): string {
  return path.startsWith(DEV) && isDoor(path.slice(DEV.length)) ? '/dev/modbox' : path
}
