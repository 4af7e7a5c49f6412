// Node ids: how the host names files, and the files behind them.
//
// A file has one id, with two exceptions, both of device nodes (see device_nodes.ts): one id shows it
// as the device it is, and each lookup that comes before an open gets an id of its own, under
// which it is a regular file. An id lives until the host has forgotten all its lookups.
//
// A name whose id is another each time is never the one that the host remembers, so it looks again.
// When a crowd opens one device, each of them would make all the others look again, over and over:
// then they share ids, and with them the host's lock for writing.
//
// There are two views of all files: the mount's own, and the one with the host's entries in it
// (host_entries.ts). A file has an id in each, because to the host a folder is in one place.

import type { Inode } from '../fs/inode.ts'

export const ROOT_ID = 1

/** Far from all numbers that stat(2) shows. */
const HOST_INO = 2 ** 40

/** So many may be about to open a device, each with an id of its own. */
const CROWD = 64

/** 'run': with the host's own entries where the machine has none. */
export type View = 'mount' | 'run'

export interface Node {
  readonly id: number
  readonly inode: Inode
  /** To the host this is a regular file, which it lets us open. */
  readonly opensHere: boolean
  /** Somebody has opened it. */
  opened: boolean
  readonly view: View
  /** It is open that way, and has a position. */
  seekable: boolean
  /** Programs may map it: to the host it is MAPPABLE_SIZE long. */
  mappable: boolean
  lookups: number
}

export class Nodes {
  readonly #nodes = new Map<number, Node>()
  readonly #ids: Record<View, Map<Inode, number>> = { mount: new Map(), run: new Map() }
  /** Those for opening that nobody has opened yet, the newest last. */
  readonly #unopened = new Map<Inode, Set<number>>()
  #nextId = ROOT_ID + 1
  #nextIno = 1

  constructor(root: Inode) {
    this.#nodes.set(ROOT_ID, {
      id: ROOT_ID,
      inode: root,
      opensHere: false,
      opened: false,
      view: 'mount',
      seekable: false,
      mappable: false,
      lookups: Infinity,
    })
    this.#ids.mount.set(root, ROOT_ID)
  }

  /** How many ids the host knows. */
  get size(): number {
    return this.#nodes.size
  }

  get(nodeid: number): Node | undefined {
    return this.#nodes.get(nodeid)
  }

  /** Count one more lookup of `inode`; the id under which the host shall know it there. */
  lookup(inode: Inode, view: View): number {
    const ids = this.#ids[view]
    const known = ids.get(inode)
    const node = known === undefined ? undefined : this.#nodes.get(known)
    if (known === undefined || !node) {
      const id = this.#add(inode, false, view)
      ids.set(inode, id)
      return id
    }
    node.lookups++
    return known
  }

  /** An id that nobody has opened yet, under which `inode` is a regular file. */
  lookupToOpen(inode: Inode): number {
    const unopened = this.#unopened.get(inode) ?? new Set()
    const shared = unopened.size > CROWD ? unopened.values().next().value : undefined
    const node = shared === undefined ? undefined : this.#nodes.get(shared)
    if (shared !== undefined && node) {
      node.lookups++
      return shared
    }
    const id = this.#add(inode, true, 'mount')
    this.#unopened.set(inode, unopened.add(id))
    return id
  }

  /** The host has opened `nodeid`. */
  opened(nodeid: number, seekable: boolean): void {
    const node = this.#nodes.get(nodeid)
    if (!node?.opensHere) return
    node.opened = true
    node.seekable = seekable
    this.#noLongerUnopened(node.inode, nodeid)
  }

  /** `count` lookups less; the node, if the host does not know it any more. */
  forget(nodeid: number, count: number): Node | undefined {
    const node = this.#nodes.get(nodeid)
    if (!node) return undefined
    node.lookups -= count
    if (node.lookups > 0) return undefined
    this.#nodes.delete(nodeid)
    const ids = this.#ids[node.view]
    if (ids.get(node.inode) === nodeid) ids.delete(node.inode)
    if (node.opensHere) this.#noLongerUnopened(node.inode, nodeid)
    return node
  }

  /** The inode number that stat(2) shows. */
  inoOf(inode: Inode): number {
    if (inode.i_ino === 0) inode.i_ino = this.#nextIno++
    return inode.i_ino
  }

  /**
   * The number under which /proc/<pid>/maps shows the file: one of its own for each id, where each
   * open file has one, so that it is known which was mapped.
   */
  hostIno(node: Node): number {
    return node.opensHere ? HOST_INO + node.id : this.inoOf(node.inode)
  }

  #noLongerUnopened(inode: Inode, nodeid: number): void {
    const unopened = this.#unopened.get(inode)
    if (unopened?.delete(nodeid) && unopened.size === 0) this.#unopened.delete(inode)
  }

  #add(inode: Inode, opensHere: boolean, view: View): number {
    const id = this.#nextId++
    this.#nodes.set(id, {
      id,
      inode,
      opensHere,
      opened: false,
      view,
      seekable: false,
      mappable: false,
      lookups: 1,
    })
    return id
  }
}
