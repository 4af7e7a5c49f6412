// Files as the tree holds them. Linux: fs/inode.c, and the dentry of fs/dcache.c in one.
//
// Every file has one name: there are no hard links in /dev, /proc and /sys. What may be done in a
// directory (make, remove, rename) is up to the file system it belongs to: its `i_op`.

import { EPERM } from '../include/linux/errno.ts'
import type { file_operations, inode } from '../include/linux/fs.ts'
import type { errno_t } from '../include/linux/types.ts'
import { S_IFDIR, S_IFLNK, S_ISDIR } from '../include/uapi/stat.ts'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

export interface Changes {
  mode?: number
  uid?: number
  gid?: number
  size?: number
  atime?: number
  mtime?: number
}

/** What a file system allows in its directories. Absent: `refusal`. */
export interface inode_operations {
  /** The answer to everything that is not here. */
  readonly refusal: errno_t
  /** The answer to open(O_CREAT) of a new name, if `create` is not here. */
  readonly createRefusal?: errno_t
  /** By how many bytes an entry makes its directory longer; by none, if absent. */
  readonly entrySize?: number
  /** st_blksize of its files in bytes, a power of two; a page, if absent. */
  readonly blockSize?: number
  create?(dir: Inode, name: string, mode: number, owner: Owner): Inode | errno_t
  mknod?(
    dir: Inode,
    name: string,
    mode: number,
    rdev: number,
    owner: Owner,
  ): Inode | errno_t
  mkdir?(dir: Inode, name: string, mode: number, owner: Owner): Inode | errno_t
  symlink?(dir: Inode, name: string, target: string, owner: Owner): Inode | errno_t
  unlink?(dir: Inode, node: Inode): errno_t
  rmdir?(dir: Inode, node: Inode): errno_t
  rename?(node: Inode, dir: Inode, name: string): errno_t
  setattr?(node: Inode, changes: Changes): errno_t
}

/** What the root of the tree allows: no new names. */
export const fixed_inode_operations: inode_operations = {
  refusal: -EPERM,
  setattr: (node, changes) => simple_setattr(node, changes),
}

interface Properties {
  mode: number
  owner?: Owner
  rdev?: number
  size?: number
  fop?: file_operations
  op?: inode_operations
  target?: string | (() => string)
  data?: unknown
  cached?: boolean
}

export class Inode implements inode {
  /** 0 until the transport has shown the file to somebody. */
  i_ino = 0
  i_mode: number
  i_uid: number
  i_gid: number
  readonly i_rdev: number
  i_size: number
  i_atime = Date.now()
  i_mtime = this.i_atime
  i_ctime = this.i_atime
  i_fop: file_operations
  readonly i_op: inode_operations
  i_private: unknown
  /** May the host keep the contents? Only if nothing but write(2) changes them. */
  readonly cached: boolean
  name = ''
  /** Undefined for the root, and for what was removed. */
  parent: Inode | undefined
  readonly children: Map<string, Inode> | undefined
  /** Directories among them. */
  #subdirectories = 0
  readonly #target: string | (() => string) | undefined

  constructor({ mode, owner, rdev, size, fop, op, target, data, cached }: Properties) {
    this.i_mode = mode
    this.i_uid = owner?.uid ?? 0
    this.i_gid = owner?.gid ?? 0
    this.i_rdev = rdev ?? 0
    this.i_fop = fop ?? {}
    this.i_op = op ?? fixed_inode_operations
    this.#target = target
    this.i_private = data
    this.cached = cached ?? false
    this.children = S_ISDIR(mode) ? new Map() : undefined
    // A directory's "." and "..".
    this.i_size = size ?? (this.children ? 2 * this.#entrySize : 0)
  }

  get #entrySize(): number {
    return this.i_op.entrySize ?? 0
  }

  get isDirectory(): boolean {
    return this.children !== undefined
  }

  /** Where a symbolic link points. */
  get i_link(): string | undefined {
    const target = this.#target
    return typeof target === 'function' ? target() : target
  }

  /** Links: for a directory its name, its ".", and the ".." of each directory in it. */
  get nlink(): number {
    return this.children ? 2 + this.#subdirectories : 1
  }

  /** From the root of the machine's tree: "/dev/scull0". */
  get path(): string {
    if (!this.parent) return '/'
    const above = this.parent.path
    return above === '/' ? `/${this.name}` : `${above}/${this.name}`
  }

  child(name: string): Inode | undefined {
    return this.children?.get(name)
  }

  /** What had the name before is removed. */
  add<T extends Inode>(name: string, node: T): T {
    this.child(name)?.remove()
    node.name = name
    node.parent = this
    this.children?.set(name, node)
    this.#changed(node, 1)
    return node
  }

  /** Take this file out of its directory. What is open stays open. */
  remove(): void {
    const { parent } = this
    if (!parent) return
    this.parent = undefined
    if (parent.child(this.name) !== this) return
    parent.children?.delete(this.name)
    parent.#changed(this, -1)
  }

  /** `node` has come, or has gone: `by` is 1 or -1. */
  #changed(node: Inode, by: 1 | -1): void {
    this.i_size += by * this.#entrySize
    if (node.isDirectory) this.#subdirectories += by
    this.i_mtime = this.i_ctime = Date.now()
  }
}

/** One without a name in any directory; like Linux's it is of no type. */
export class AnonInode extends Inode {
  constructor(name: string, fop: file_operations, owner: Owner) {
    super({ mode: 0o600, fop, owner })
    this.name = name
  }

  override get path(): string {
    return this.name
  }
}

export function directory(mode: number, op: inode_operations, owner?: Owner): Inode {
  return new Inode({ mode: S_IFDIR | mode, op, ...(owner ? { owner } : {}) })
}

/** `target`: the text, or what says it each time that somebody asks. */
export function symlink(
  target: string | (() => string),
  op: inode_operations,
  owner?: Owner,
): Inode {
  return new Inode({
    mode: S_IFLNK | 0o777,
    target,
    op,
    ...(owner ? { owner } : {}),
  })
}

/** The link text that leads from the directory `from` to `to`: as in Linux, it always ends in its name. */
export function relativePath(from: Inode, to: Inode): string {
  const a = from.path.split('/').filter(Boolean)
  const b = to.path.split('/').filter(Boolean)
  let common = 0
  while (common < Math.min(a.length, b.length - 1) && a[common] === b[common]) common++
  return [...a.slice(common).map(() => '..'), ...b.slice(common)].join('/')
}

/** Change what chmod(2), chown(2), utimensat(2) change; the caller has checked permissions. */
export function simple_setattr(node: Inode, changes: Changes): errno_t {
  if (changes.mode !== undefined) {
    node.i_mode = (node.i_mode & ~0o7777) | (changes.mode & 0o7777)
  }
  if (changes.uid !== undefined) node.i_uid = changes.uid
  if (changes.gid !== undefined) node.i_gid = changes.gid
  if (changes.atime !== undefined) node.i_atime = changes.atime
  if (changes.mtime !== undefined) node.i_mtime = changes.mtime
  node.i_ctime = Date.now()
  return 0
}
