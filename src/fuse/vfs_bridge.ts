// From the host's requests to the simulated kernel's files: node ids, handles, attributes, positions.
// The only file in fuse/ that knows fs/.

import {
  EBADF,
  EEXIST,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOTDIR,
  EPERM,
  ESTALE,
} from '../include/uapi/errno.ts'
import { O_APPEND } from '../include/uapi/fcntl.ts'
import { FOPEN_DIRECT_IO, FOPEN_NONSEEKABLE, FOPEN_STREAM } from '../include/uapi/fuse.ts'
import { FMODE_LSEEK, FMODE_STREAM, SEEK_END, SEEK_SET } from '../include/linux/fs.ts'
import { new_decode_dev, new_encode_dev } from '../include/linux/kdev_t.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { S_IFMT, S_IFREG, S_ISBLK, S_ISCHR } from '../include/uapi/stat.ts'
import { callDriver } from '../fs/driver_call.ts'
import type { Changes, Inode, inode_operations, Owner } from '../fs/inode.ts'
import type { OpenFile } from '../fs/file.ts'
import { vfs_ioctl } from '../fs/ioctl.ts'
import { no_llseek } from '../fs/libfs.ts'
import { isSeekable, vfs_llseek, vfs_read, vfs_write } from '../fs/read_write.ts'
import { no_wait, PollWatch, vfs_poll } from '../fs/select.ts'
import {
  process_ptr,
  type user_memory,
  type UserWindow,
  window_ptr,
} from '../lib/usercopy.ts'
import type {
  AttributeChanges,
  Attributes,
  Caller,
  DirectoryEntry,
  Entry,
  FileSystemStatistics,
  FuseFilesystem,
  IoctlResult,
  Opened,
} from './filesystem.ts'
import { HostIdentity } from './host_task.ts'
import type { Ids } from './ids.ts'
import { type Node, Nodes } from './nodes.ts'
import type { OpenFiles } from '../fs/open.ts'
import type { Traps } from '../kernel/panic.ts'
import { type Scheduler, Task } from '../kernel/sched.ts'

const BLOCK_SIZE = 4096
const NAME_MAX = 255

/** The parts of a kernel that programs reach through files. */
export interface Machine {
  readonly root: Inode
  readonly sched: Scheduler
  readonly traps: Traps
  readonly files: OpenFiles
}

interface Needs {
  machine: Machine
  /** Is this caller in a system call that only looks at a file? */
  looksOnly: (pid: number) => boolean
  ids: Ids
  memoryOf: (pid: number) => user_memory
  notifyPoll: (kh: bigint) => void
}

/** An open file or directory of the host. */
interface Handle {
  readonly file: OpenFile
  /** Where the host believes the position is; the driver may have moved `file.f_pos` since. */
  hostPos: number
  watch: PollWatch | undefined
  /** Names and files of a directory, as they were at opendir(3). */
  readonly listing: readonly [string, Inode][] | undefined
}

export class VfsBridge implements FuseFilesystem {
  readonly #needs: Needs
  readonly #sched: Scheduler
  readonly #traps: Traps
  readonly #nodes: Nodes
  readonly #handles = new Map<number, Handle>()
  /** Calls that have not answered yet, by the request's number. */
  readonly #sleeping = new Map<number, Task>()
  #nextHandle = 1

  constructor(needs: Needs) {
    this.#needs = needs
    this.#sched = needs.machine.sched
    this.#traps = needs.machine.traps
    this.#nodes = new Nodes(needs.machine.root)
  }

  /** Sizes of the tables that must not grow with time. */
  get counts(): { nodes: number; openFiles: number; sleeping: number } {
    return {
      nodes: this.#nodes.size,
      openFiles: this.#handles.size,
      sleeping: this.#sleeping.size,
    }
  }

  // Names

  lookup(parent: number, name: string, caller: Caller): Entry | number {
    const dir = this.#nodes.get(parent)?.inode
    if (!dir) return -ESTALE
    const inode =
      name === '..' ? (dir.parent ?? dir) : name === '.' ? dir : dir.child(name)
    return inode ? this.#entry(inode, caller) : -ENOENT
  }

  forget(nodeid: number, count: number): void {
    this.#nodes.forget(nodeid, count)
  }

  getattr(
    nodeid: number,
    fh: number | undefined,
    caller: Caller,
  ): MaybePromise<Attributes | number> {
    const node = this.#nodes.get(nodeid)
    if (!node) return -ESTALE
    const attributes = this.#attributes(node)
    const file = fh === undefined ? undefined : this.#handles.get(fh)?.file
    if (!file || !isDevice(node.inode) || !isSeekable(file)) return attributes

    // The host asks with a handle only to know where SEEK_END is: the driver says.
    const before = file.f_pos
    const end = this.#call(caller, 0, () => vfs_llseek(this.#traps, file, 0, SEEK_END))
    const withSize = (size: number): Attributes => {
      file.f_pos = before
      return size < 0 ? attributes : { ...attributes, size }
    }
    return typeof end === 'number' ? withSize(end) : end.then(withSize)
  }

  setattr(
    nodeid: number,
    _fh: number | undefined,
    changes: AttributeChanges,
  ): Attributes | number {
    const node = this.#nodes.get(nodeid)
    if (!node) return -ESTALE
    const { inode } = node
    if (changes.size !== undefined && isDevice(inode)) return -EINVAL
    const err = inode.i_op.setattr?.(inode, this.#inside(changes)) ?? inode.i_op.refusal
    return err || this.#attributes(node)
  }

  readlink(nodeid: number): string | number {
    return this.#nodes.get(nodeid)?.inode.i_link ?? -EINVAL
  }

  mknod(
    parent: number,
    name: string,
    mode: number,
    rdev: number,
    caller: Caller,
  ): Entry | number {
    return this.#make(parent, name, (dir, op) =>
      op.mknod?.(dir, name, mode, new_decode_dev(rdev), this.#owner(caller)),
    )
  }

  mkdir(parent: number, name: string, mode: number, caller: Caller): Entry | number {
    return this.#make(parent, name, (dir, op) =>
      op.mkdir?.(dir, name, mode, this.#owner(caller)),
    )
  }

  symlink(parent: number, name: string, target: string, caller: Caller): Entry | number {
    return this.#make(parent, name, (dir, op) =>
      op.symlink?.(dir, name, target, this.#owner(caller)),
    )
  }

  create(
    parent: number,
    name: string,
    flags: number,
    mode: number,
    caller: Caller,
  ): MaybePromise<{ entry: Entry; opened: Opened } | number> {
    const entry = this.#make(
      parent,
      name,
      (dir, op) => op.create?.(dir, name, mode, this.#owner(caller)) ?? op.createRefusal,
    )
    if (typeof entry === 'number') return entry
    const opened = this.open(entry.nodeid, flags, caller)
    const both = (result: Opened | number) =>
      typeof result === 'number' ? result : { entry, opened: result }
    return opened instanceof Promise ? opened.then(both) : both(opened)
  }

  unlink(parent: number, name: string): number {
    return this.#remove(parent, name, (dir, node) =>
      node.isDirectory ? -EISDIR : dir.i_op.unlink?.(dir, node),
    )
  }

  rmdir(parent: number, name: string): number {
    return this.#remove(parent, name, (dir, node) =>
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
    const node = this.#nodes.get(parent)?.inode.child(name)
    const dir = this.#nodes.get(newParent)?.inode
    if (!node || !dir) return -ENOENT
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

  // Open files

  open(nodeid: number, flags: number, caller: Caller): MaybePromise<Opened | number> {
    const inode = this.#nodes.get(nodeid)?.inode
    if (!inode) return -ESTALE
    const opened = this.#call(caller, 0, () =>
      this.#needs.machine.files.open(inode, flags, this.#owner(caller)),
    )
    return opened instanceof Promise
      ? opened.then(file => this.#handle(file))
      : this.#handle(opened)
  }

  read(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    unique: number,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.#handles.get(fh)
    if (!handle) return -EBADF
    return this.#transfer(handle, offset, window, flags, unique, caller, vfs_read)
  }

  write(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    unique: number,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.#handles.get(fh)
    if (!handle) return -EBADF
    return this.#transfer(handle, offset, window, flags, unique, caller, vfs_write)
  }

  flush(fh: number, caller: Caller): MaybePromise<number> {
    const file = this.#handles.get(fh)?.file
    if (!file?.f_op.flush) return 0
    return this.#driver(caller, 0, () => file.f_op.flush?.(file))
  }

  release(fh: number, _flags: number, caller: Caller): MaybePromise<number> {
    const handle = this.#handles.get(fh)
    if (!handle) return 0
    this.#handles.delete(fh)
    handle.watch?.cancel()
    return this.#call(caller, 0, () => this.#needs.machine.files.release(handle.file))
  }

  fsync(fh: number, datasync: boolean, caller: Caller): MaybePromise<number> {
    const file = this.#handles.get(fh)?.file
    if (!file) return -EBADF
    if (!file.f_op.fsync) return -EINVAL
    return this.#driver(caller, 0, () =>
      file.f_op.fsync?.(file, 0, Number.MAX_SAFE_INTEGER, datasync),
    )
  }

  /** The host asks only for SEEK_DATA and SEEK_HOLE; the rest it does itself. */
  lseek(
    fh: number,
    offset: number,
    whence: number,
    caller: Caller,
  ): MaybePromise<number> {
    const file = this.#handles.get(fh)?.file
    if (!file) return -EBADF
    return this.#call(caller, 0, () => vfs_llseek(this.#traps, file, offset, whence))
  }

  ioctl(
    fh: number,
    cmd: number,
    arg: bigint,
    _flags: number,
    unique: number,
    caller: Caller,
  ): MaybePromise<IoctlResult | number> {
    const file = this.#handles.get(fh)?.file
    if (!file) return -EBADF
    const ptr = new process_ptr(this.#needs.memoryOf(caller.pid), arg)
    const answer = this.#call(caller, unique, () =>
      vfs_ioctl(this.#traps, file, cmd, ptr),
    )
    return typeof answer === 'number' ? ioctlResult(answer) : answer.then(ioctlResult)
  }

  poll(
    fh: number,
    _events: number,
    kh: bigint | undefined,
    unique: number,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.#handles.get(fh)
    if (!handle) return -EBADF
    if (kh !== undefined) {
      handle.watch?.cancel()
      handle.watch = new PollWatch(() => this.#needs.notifyPoll(kh))
    }
    const table = kh === undefined ? no_wait : (handle.watch ?? no_wait)
    return this.#call(caller, unique, () => vfs_poll(this.#traps, handle.file, table))
  }

  // Directories

  opendir(nodeid: number, caller: Caller): Opened | number {
    const inode = this.#nodes.get(nodeid)?.inode
    if (!inode?.children) return -ENOTDIR
    const listing: [string, Inode][] = [
      ['.', inode],
      ['..', inode.parent ?? inode],
      ...inode.children,
    ]
    const file = this.#needs.machine.files.directory(inode, this.#owner(caller))
    return { fh: this.#newHandle(file, listing), flags: 0 }
  }

  readdir(
    fh: number,
    offset: number,
    plus: boolean,
    take: (entry: DirectoryEntry) => boolean,
  ): number {
    const listing = this.#handles.get(fh)?.listing
    if (!listing) return -EBADF
    for (let i = offset; i < listing.length; i++) {
      const [name, inode] = listing[i] as [string, Inode]
      const entry = this.#directoryEntry(name, inode, i, plus)
      if (take(entry)) continue
      if (entry.entry) this.#nodes.forget(entry.entry.nodeid, 1)
      break
    }
    return 0
  }

  releasedir(fh: number): void {
    this.#handles.delete(fh)
  }

  statfs(): FileSystemStatistics {
    return { blocks: 0, files: this.#nodes.size, namelen: NAME_MAX, blksize: BLOCK_SIZE }
  }

  interrupt(unique: number): void {
    const task = this.#sleeping.get(unique)
    if (task) this.#sched.signal_wake_up(task)
  }

  /** Every program is cut off: close its files, as exit(2) would. */
  destroy(): void {
    for (const task of this.#sleeping.values()) this.#sched.signal_wake_up(task)
    for (const [fh, { listing }] of this.#handles) {
      if (listing) this.releasedir(fh)
      else void this.release(fh, 0, { uid: 0, gid: 0, pid: 0 })
    }
  }

  // Below: how the above is done.

  #transfer(
    handle: Handle,
    offset: number,
    window: UserWindow,
    flags: number,
    unique: number,
    caller: Caller,
    move: typeof vfs_read,
  ): MaybePromise<number> {
    const { file } = handle
    file.f_flags = flags
    if (offset !== handle.hostPos && !(flags & O_APPEND) && isSeekable(file)) {
      const sought = this.#call(caller, unique, () =>
        vfs_llseek(this.#traps, file, offset, SEEK_SET),
      )
      if (typeof sought !== 'number') {
        return sought.then(position =>
          position < 0
            ? position
            : this.#moveAt(handle, offset, window, unique, caller, move),
        )
      }
      if (sought < 0) return sought
    }
    return this.#moveAt(handle, offset, window, unique, caller, move)
  }

  /** Read or write at the driver's own position, and follow what the host will make of it. */
  #moveAt(
    handle: Handle,
    offset: number,
    window: UserWindow,
    unique: number,
    caller: Caller,
    move: typeof vfs_read,
  ): MaybePromise<number> {
    const { file } = handle
    const pos = { value: file.f_pos }
    const task = new Task(new HostIdentity(caller, this.#needs.ids))
    this.#sched.current = task
    const n = move(this.#traps, file, new window_ptr(window), window.length, pos)
    if (typeof n === 'number') {
      this.#sched.current = this.#sched.idle
      return settlePosition(handle, offset, pos.value, n)
    }
    this.#sleeping.set(unique, task)
    return n.then(later => {
      this.#sleeping.delete(unique)
      return settlePosition(handle, offset, pos.value, later)
    })
  }

  /**
   * Enter the kernel as `caller`. If the call does not end at once it stays `current`, until
   * Scheduler.settle() has let it run as far as it gets.
   */
  #call<T>(caller: Caller, unique: number, call: () => MaybePromise<T>): MaybePromise<T> {
    const task = new Task(new HostIdentity(caller, this.#needs.ids))
    this.#sched.current = task
    const answer = call()
    if (!(answer instanceof Promise)) {
      this.#sched.current = this.#sched.idle
      return answer
    }
    if (unique === 0) return answer
    this.#sleeping.set(unique, task)
    return answer.finally(() => this.#sleeping.delete(unique))
  }

  #driver(caller: Caller, unique: number, call: () => unknown): MaybePromise<number> {
    return this.#call(caller, unique, () => callDriver(this.#traps, call))
  }

  /** Who owns what `caller` makes or opens, in the machine's terms. */
  #owner({ uid, gid }: Caller): Owner {
    const { ids } = this.#needs
    return { uid: ids.uid(uid), gid: ids.gid(gid) }
  }

  #inside({ uid, gid, atime, mtime, ...changes }: AttributeChanges): Changes {
    const { ids } = this.#needs
    const time = (t: number | 'now') => (t === 'now' ? Date.now() : t)
    return {
      ...changes,
      ...(uid === undefined ? {} : { uid: ids.uid(uid) }),
      ...(gid === undefined ? {} : { gid: ids.gid(gid) }),
      ...(atime === undefined ? {} : { atime: time(atime) }),
      ...(mtime === undefined ? {} : { mtime: time(mtime) }),
    }
  }

  #entry(inode: Inode, caller: Caller): Entry {
    const toOpen = isDevice(inode) && !this.#needs.looksOnly(caller.pid)
    return this.#entryOf(
      toOpen ? this.#nodes.lookupToOpen(inode) : this.#nodes.lookup(inode),
    )
  }

  #entryOf(nodeid: number): Entry {
    return { nodeid, attributes: this.#attributes(this.#nodes.get(nodeid) as Node) }
  }

  #attributes({ inode, opensHere }: Node): Attributes {
    return {
      ino: this.#nodes.inoOf(inode),
      size: inode.i_size,
      mode: opensHere ? S_IFREG | (inode.i_mode & ~S_IFMT) : inode.i_mode,
      nlink: inode.nlink,
      uid: this.#needs.ids.uid(inode.i_uid),
      gid: this.#needs.ids.gid(inode.i_gid),
      rdev: opensHere ? 0 : new_encode_dev(inode.i_rdev),
      blksize: BLOCK_SIZE,
      atime: inode.i_atime,
      mtime: inode.i_mtime,
      ctime: inode.i_ctime,
    }
  }

  #directoryEntry(
    name: string,
    inode: Inode,
    index: number,
    plus: boolean,
  ): DirectoryEntry {
    const entry: DirectoryEntry = {
      ino: this.#nodes.inoOf(inode),
      type: inode.i_mode & S_IFMT,
      name,
      next: index + 1,
    }
    if (plus && name !== '.' && name !== '..') {
      entry.entry = this.#entryOf(this.#nodes.lookup(inode))
    }
    return entry
  }

  #make(
    parent: number,
    name: string,
    make: (dir: Inode, op: inode_operations) => Inode | number | undefined,
  ): Entry | number {
    const dir = this.#nodes.get(parent)?.inode
    if (!dir) return -ESTALE
    if (dir.child(name)) return -EEXIST
    const made = make(dir, dir.i_op) ?? dir.i_op.refusal
    return typeof made === 'number' ? made : this.#entryOf(this.#nodes.lookup(made))
  }

  #remove(
    parent: number,
    name: string,
    remove: (dir: Inode, node: Inode) => number | undefined,
  ): number {
    const dir = this.#nodes.get(parent)?.inode
    const node = dir?.child(name)
    if (!dir || !node) return -ENOENT
    return remove(dir, node) ?? dir.i_op.refusal
  }

  #handle(file: OpenFile | number): Opened | number {
    if (typeof file === 'number') return file
    return { fh: this.#newHandle(file, undefined), flags: openFlags(file) }
  }

  #newHandle(file: OpenFile, listing: Handle['listing']): number {
    const fh = this.#nextHandle++
    this.#handles.set(fh, { file, hostPos: 0, watch: undefined, listing })
    return fh
  }
}

/** renameat2(2): fail rather than replace. */
const RENAME_NOREPLACE = 1

/** The host moves its position by what was transferred; the driver may have moved its own elsewhere. */
function settlePosition(
  handle: Handle,
  offset: number,
  position: number,
  n: number,
): number {
  if (n < 0) return n
  handle.file.f_pos = position
  handle.hostPos = offset + n
  return n
}

/** How the host is to treat the open file. */
function openFlags(file: OpenFile): number {
  if (file.f_inode.cached) return 0
  const seekable = (file.f_mode & FMODE_LSEEK) !== 0 && file.f_op.llseek !== no_llseek
  // Only a stream lets write(2) go on while a read(2) of the same descriptor waits.
  if (file.f_mode & FMODE_STREAM || !seekable) {
    return FOPEN_DIRECT_IO | FOPEN_STREAM | FOPEN_NONSEEKABLE
  }
  return FOPEN_DIRECT_IO
}

function isDevice(inode: Inode): boolean {
  return S_ISCHR(inode.i_mode) || S_ISBLK(inode.i_mode)
}

function ioctlResult(answer: number): IoctlResult | number {
  return answer < 0 ? answer : { result: answer }
}
