// From the host's node ids to the simulated kernel's files: looking up, attributes, making and removing.

import {
  EEXIST,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOTDIR,
  EPERM,
  ESTALE,
} from '../include/uapi/errno.ts'
import { new_decode_dev, new_encode_dev } from '../include/linux/kdev_t.ts'
import { S_IFMT, S_IFREG, S_ISBLK, S_ISCHR } from '../include/uapi/stat.ts'
import type { Changes, Inode, inode_operations } from '../fs/inode.ts'
import type {
  AttributeChanges,
  Attributes,
  Caller,
  Entry,
  FileSystemStatistics,
} from './filesystem.ts'
import { KernelEntry, type Needs } from './kernel_entry.ts'
import { HostEntries } from './host_entries.ts'
import { type Node, Nodes, ROOT_ID, type View } from './nodes.ts'
import { MAPPABLE_SIZE } from './page_cache.ts'
import { RUN_VIEW } from './run_view.ts'

/** How the paths of files without a name begin. */
const ANONYMOUS = 'anon_inode:'
const BLOCK_SIZE = 4096
const NAME_MAX = 255
/** renameat2(2): fail rather than replace. */
const RENAME_NOREPLACE = 1

export class VfsNames extends KernelEntry {
  protected readonly nodes: Nodes
  protected readonly hostEntries = new HostEntries()

  constructor(needs: Needs) {
    super(needs)
    this.nodes = new Nodes(needs.machine.root)
  }

  lookup(parent: number, name: string, caller: Caller): Entry | number {
    const node = this.nodes.get(parent)
    if (!node) return -ESTALE
    const { inode: dir, view } = node
    if (parent === ROOT_ID && name === RUN_VIEW) {
      return this.entryOf(this.nodes.lookup(dir, 'run'))
    }
    if (name.startsWith(ANONYMOUS)) return this.#lookupGiven(name, caller)
    const own = name === '..' ? (dir.parent ?? dir) : name === '.' ? dir : dir.child(name)
    const inode = view === 'run' ? this.hostEntries.lookup(dir, name, own) : own
    return inode ? this.entry(inode, view, caller) : -ENOENT
  }

  #lookupGiven(path: string, { pid }: Caller): Entry | number {
    const inode = this.needs.given?.(pid, path) as Inode | undefined
    return inode ? this.entryOf(this.nodes.lookupToOpen(inode)) : -ENOENT
  }

  forget(nodeid: number, count: number): void {
    const gone = this.nodes.forget(nodeid, count)
    if (gone?.view === 'run') this.hostEntries.forget(gone.inode)
  }

  setattr(
    nodeid: number,
    fh: number | undefined,
    changes: AttributeChanges,
  ): Attributes | number {
    const node = this.nodes.get(nodeid)
    if (!node) return -ESTALE
    const { inode } = node
    if (changes.size !== undefined && isDevice(inode)) {
      // `dd seek=` truncates what looks like a regular file, and gives up if it cannot be done.
      return fh !== undefined && changes.size > 0 ? this.attributes(node) : -EINVAL
    }
    const err = inode.i_op.setattr?.(inode, this.#inside(changes)) ?? inode.i_op.refusal
    if (err) return err
    const attributes = this.attributes(node)
    return node.mappable ? { ...attributes, size: MAPPABLE_SIZE } : attributes
  }

  readlink(nodeid: number): string | number {
    return this.nodes.get(nodeid)?.inode.i_link ?? -EINVAL
  }

  mknod(
    parent: number,
    name: string,
    mode: number,
    rdev: number,
    caller: Caller,
  ): Entry | number {
    return this.make(parent, name, (dir, op) =>
      op.mknod?.(dir, name, mode, new_decode_dev(rdev), this.owner(caller)),
    )
  }

  mkdir(parent: number, name: string, mode: number, caller: Caller): Entry | number {
    return this.make(parent, name, (dir, op) =>
      op.mkdir?.(dir, name, mode, this.owner(caller)),
    )
  }

  symlink(parent: number, name: string, target: string, caller: Caller): Entry | number {
    return this.make(parent, name, (dir, op) =>
      op.symlink?.(dir, name, target, this.owner(caller)),
    )
  }

  unlink(parent: number, name: string): number {
    return this.remove(parent, name, (dir, node) =>
      node.isDirectory ? -EISDIR : dir.i_op.unlink?.(dir, node),
    )
  }

  rmdir(parent: number, name: string): number {
    return this.remove(parent, name, (dir, node) =>
      node.isDirectory ? dir.i_op.rmdir?.(dir, node) : -ENOTDIR,
    )
  }

  rename(
    parent: number,
    name: string,
    newParent: number,
    newName: string,
    flags: number,
  ): number {
    const node = this.nodes.get(parent)?.inode.child(name)
    const dir = this.nodes.get(newParent)?.inode
    if (!node || !dir) return -ENOENT
    if (!dir.isDirectory) return -ENOTDIR
    if (flags & RENAME_NOREPLACE && dir.child(newName)) return -EEXIST
    if (flags & ~RENAME_NOREPLACE) return -EINVAL
    return dir.i_op.rename?.(node, dir, newName) ?? dir.i_op.refusal
  }

  link(): number {
    return -EPERM // a file has one name here
  }

  access(): number {
    return 0 // the host checks modes itself: the mount has default_permissions
  }

  statfs(): FileSystemStatistics {
    return { blocks: 0, files: this.nodes.size, namelen: NAME_MAX, blksize: BLOCK_SIZE }
  }

  #inside({ uid, gid, atime, mtime, ...changes }: AttributeChanges): Changes {
    const { ids } = this.needs
    const time = (t: number | 'now') => (t === 'now' ? Date.now() : t)
    return {
      ...changes,
      ...(uid === undefined ? {} : { uid: ids.uid(uid) }),
      ...(gid === undefined ? {} : { gid: ids.gid(gid) }),
      ...(atime === undefined ? {} : { atime: time(atime) }),
      ...(mtime === undefined ? {} : { mtime: time(mtime) }),
    }
  }

  protected entry(inode: Inode, view: View, caller: Caller): Entry {
    const toOpen = isDevice(inode) && !this.needs.looksOnly(caller.pid)
    return this.entryOf(
      toOpen ? this.nodes.lookupToOpen(inode) : this.nodes.lookup(inode, view),
    )
  }

  protected entryOf(nodeid: number): Entry {
    const node = this.nodes.get(nodeid) as Node
    if (node.mappable) this.needs.pageCache.keepSize(nodeid)
    const attributes = { ...this.attributes(node), ino: this.nodes.hostIno(node) }
    return { nodeid, attributes }
  }

  protected attributes({ inode, opensHere }: Node): Attributes {
    return {
      ino: this.nodes.inoOf(inode),
      size: inode.i_size,
      mode: opensHere ? S_IFREG | (inode.i_mode & ~S_IFMT) : inode.i_mode,
      nlink: inode.nlink,
      uid: this.needs.ids.uid(inode.i_uid),
      gid: this.needs.ids.gid(inode.i_gid),
      rdev: opensHere ? 0 : new_encode_dev(inode.i_rdev),
      blksize: inode.i_op.blockSize ?? BLOCK_SIZE,
      atime: inode.i_atime,
      mtime: inode.i_mtime,
      ctime: inode.i_ctime,
    }
  }

  protected make(
    parent: number,
    name: string,
    make: (dir: Inode, op: inode_operations) => Inode | number | undefined,
  ): Entry | number {
    const node = this.nodes.get(parent)
    if (!node) return -ESTALE
    const { inode: dir, view } = node
    if (!dir.isDirectory) return -ENOTDIR
    if (dir.child(name)) return -EEXIST
    const made = make(dir, dir.i_op) ?? dir.i_op.refusal
    return typeof made === 'number' ? made : this.entryOf(this.nodes.lookup(made, view))
  }

  protected remove(
    parent: number,
    name: string,
    remove: (dir: Inode, node: Inode) => number | undefined,
  ): number {
    const dir = this.nodes.get(parent)?.inode
    const node = dir?.child(name)
    if (!dir || !node) return -ENOENT
    return remove(dir, node) ?? dir.i_op.refusal
  }
}

function isDevice(inode: Inode): boolean {
  return S_ISCHR(inode.i_mode) || S_ISBLK(inode.i_mode)
}
