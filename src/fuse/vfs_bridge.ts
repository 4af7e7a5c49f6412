// What the host asks of open files, and all the rest of FuseFilesystem: handles, positions, reading and
// writing, directories. With vfs_names.ts and kernel_entry.ts the only file in fuse/ that knows fs/.

import { EBADF, EINVAL, ENOTDIR, ESTALE } from '../include/uapi/errno.ts'
import { O_APPEND } from '../include/uapi/fcntl.ts'
import {
  FOPEN_DIRECT_IO,
  FOPEN_NONSEEKABLE,
  FOPEN_STREAM,
  FUSE_IOCTL_COMPAT,
} from '../include/uapi/fuse.ts'
import { FMODE_STREAM, SEEK_END, SEEK_SET } from '../include/linux/fs.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { S_IFMT } from '../include/uapi/stat.ts'
import type { Inode } from '../fs/inode.ts'
import type { OpenFile } from '../fs/file.ts'
import { compat_ioctl, vfs_ioctl } from '../fs/ioctl.ts'
import { isSeekable, vfs_llseek, vfs_read, vfs_write } from '../fs/read_write.ts'
import { no_wait, PollWatch, vfs_poll } from '../fs/select.ts'
import { process_ptr, type UserWindow, window_ptr } from '../lib/usercopy.ts'
import type {
  Attributes,
  Caller,
  DirectoryEntry,
  Entry,
  FuseFilesystem,
  IoctlResult,
  Opened,
} from './filesystem.ts'
import { VfsNames } from './vfs_names.ts'

/** An open file or directory of the host. */
interface Handle {
  readonly file: OpenFile
  /** Where the host believes the position is; the driver may have moved `file.f_pos` since. */
  hostPos: number
  /** Where the driver said that SEEK_END is, if nothing has been read or written since. */
  endAt: number | undefined
  watch: PollWatch | undefined
  /** Names and files of a directory, as they were at opendir(3). */
  readonly listing: readonly [string, Inode][] | undefined
}

export class VfsBridge extends VfsNames implements FuseFilesystem {
  readonly #handles = new Map<number, Handle>()
  #nextHandle = 1

  /** Sizes of the tables that must not grow with time. */
  get counts(): { nodes: number; openFiles: number; sleeping: number } {
    return {
      nodes: this.nodes.size,
      openFiles: this.#handles.size,
      sleeping: this.sleeping.size,
    }
  }

  getattr(
    nodeid: number,
    fh: number | undefined,
    caller: Caller,
  ): MaybePromise<Attributes | number> {
    const node = this.nodes.get(nodeid)
    if (!node) return -ESTALE
    const attributes = this.attributes(node)
    const handle = fh === undefined ? undefined : this.#handles.get(fh)
    const file = handle?.file
    if (!file || file.f_inode.cached || !file.f_op.llseek || !isSeekable(file))
      return attributes

    // The host asks with a handle only to know where SEEK_END is: the driver says.
    const before = file.f_pos
    const end = this.call(caller, () => vfs_llseek(this.traps, file, 0, SEEK_END))
    const withSize = (size: number): Attributes | number => {
      file.f_pos = before
      if (size < 0) return size
      handle.endAt = size
      return { ...attributes, size }
    }
    return typeof end === 'number' ? withSize(end) : end.then(withSize)
  }

  create(
    parent: number,
    name: string,
    flags: number,
    mode: number,
    caller: Caller,
  ): MaybePromise<{ entry: Entry; opened: Opened } | number> {
    const entry = this.make(
      parent,
      name,
      (dir, op) => op.create?.(dir, name, mode, this.owner(caller)) ?? op.createRefusal,
    )
    if (typeof entry === 'number') return entry
    const opened = this.open(entry.nodeid, flags, caller)
    const both = (result: Opened | number) =>
      typeof result === 'number' ? result : { entry, opened: result }
    return opened instanceof Promise ? opened.then(both) : both(opened)
  }

  open(nodeid: number, flags: number, caller: Caller): MaybePromise<Opened | number> {
    const inode = this.nodes.get(nodeid)?.inode
    if (!inode) return -ESTALE
    const opened = this.call(caller, () =>
      this.needs.machine.files.open(inode, flags, this.owner(caller)),
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
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.#handles.get(fh)
    if (!handle) return -EBADF
    return this.#transfer(handle, offset, window, flags, caller, vfs_read)
  }

  write(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.#handles.get(fh)
    if (!handle) return -EBADF
    return this.#transfer(handle, offset, window, flags, caller, vfs_write)
  }

  flush(fh: number, caller: Caller): MaybePromise<number> {
    const file = this.#handles.get(fh)?.file
    if (!file?.f_op.flush) return 0
    return this.driver(caller, () => file.f_op.flush?.(file))
  }

  release(fh: number, _flags: number, caller: Caller): MaybePromise<number> {
    const handle = this.#handles.get(fh)
    if (!handle) return 0
    this.#handles.delete(fh)
    handle.watch?.cancel()
    return this.call(caller, () => this.needs.machine.files.release(handle.file))
  }

  fsync(fh: number, datasync: boolean, caller: Caller): MaybePromise<number> {
    const file = this.#handles.get(fh)?.file
    if (!file) return -EBADF
    if (!file.f_op.fsync) return -EINVAL
    return this.driver(caller, () =>
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
    const handle = this.#handles.get(fh)
    if (!handle) return -EBADF
    const sought = this.call(caller, () =>
      vfs_llseek(this.traps, handle.file, offset, whence),
    )
    // The host goes where the driver says it is.
    const follow = (position: number): number => {
      if (position >= 0) handle.hostPos = position
      return position
    }
    return typeof sought === 'number' ? follow(sought) : sought.then(follow)
  }

  ioctl(
    fh: number,
    cmd: number,
    arg: bigint,
    flags: number,
    caller: Caller,
  ): MaybePromise<IoctlResult | number> {
    const file = this.#handles.get(fh)?.file
    if (!file) return -EBADF
    const ptr = new process_ptr(this.needs.memoryOf(caller.pid), arg)
    const enter = flags & FUSE_IOCTL_COMPAT ? compat_ioctl : vfs_ioctl
    const answer = this.call(caller, () => enter(this.traps, file, cmd, ptr))
    return typeof answer === 'number' ? ioctlResult(answer) : answer.then(ioctlResult)
  }

  poll(
    fh: number,
    _events: number,
    kh: bigint | undefined,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.#handles.get(fh)
    if (!handle) return -EBADF
    if (kh !== undefined) {
      handle.watch?.cancel()
      handle.watch = new PollWatch(() => this.needs.notifyPoll(kh))
    }
    const table = kh === undefined ? no_wait : (handle.watch ?? no_wait)
    return this.call(caller, () => vfs_poll(this.traps, handle.file, table))
  }

  opendir(nodeid: number, caller: Caller): Opened | number {
    const inode = this.nodes.get(nodeid)?.inode
    if (!inode?.children) return -ENOTDIR
    const listing: [string, Inode][] = [
      ['.', inode],
      ['..', inode.parent ?? inode],
      ...inode.children,
    ]
    const file = this.needs.machine.files.directory(inode, this.owner(caller))
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
      if (entry.entry) this.nodes.forget(entry.entry.nodeid, 1)
      break
    }
    return 0
  }

  releasedir(fh: number): void {
    this.#handles.delete(fh)
  }

  /** Every program is cut off: close its files, as exit(2) would. */
  destroy(): void {
    for (const task of this.sleeping.values()) this.sched.signal_wake_up(task)
    for (const [fh, { listing }] of this.#handles) {
      if (listing) this.releasedir(fh)
      else void this.release(fh, 0, { uid: 0, gid: 0, pid: 0, unique: 0 })
    }
  }

  #transfer(
    handle: Handle,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
    move: typeof vfs_read,
  ): MaybePromise<number> {
    const { file } = handle
    file.f_flags = flags
    const { endAt } = handle
    handle.endAt = undefined
    if (offset === endAt) {
      // The program seeked to the end, and the driver was asked to do so then.
      file.f_pos = offset
    } else if (offset !== handle.hostPos && !(flags & O_APPEND) && isSeekable(file)) {
      const sought = this.call(caller, () =>
        vfs_llseek(this.traps, file, offset, SEEK_SET),
      )
      if (typeof sought !== 'number') {
        return sought.then(position =>
          position < 0 ? position : this.#moveAt(handle, offset, window, caller, move),
        )
      }
      if (sought < 0) return sought
    }
    return this.#moveAt(handle, offset, window, caller, move)
  }

  /** Read or write at the driver's own position, and follow what the host will make of it. */
  #moveAt(
    handle: Handle,
    offset: number,
    window: UserWindow,
    caller: Caller,
    move: typeof vfs_read,
  ): MaybePromise<number> {
    const { file } = handle
    const pos = { value: file.f_pos }
    const task = this.enter(caller)
    const n = move(this.traps, file, new window_ptr(window), window.length, pos)
    if (typeof n === 'number') {
      this.sched.current = this.sched.idle
      return settlePosition(handle, offset, pos.value, n)
    }
    const { unique } = caller
    this.sleeping.set(unique, task)
    return n.then(later => {
      this.sleeping.delete(unique)
      return settlePosition(handle, offset, pos.value, later)
    })
  }

  #directoryEntry(
    name: string,
    inode: Inode,
    index: number,
    plus: boolean,
  ): DirectoryEntry {
    const entry: DirectoryEntry = {
      ino: this.nodes.inoOf(inode),
      type: inode.i_mode & S_IFMT,
      name,
      next: index + 1,
    }
    if (plus && name !== '.' && name !== '..') {
      entry.entry = this.entryOf(this.nodes.lookup(inode))
    }
    return entry
  }

  #handle(file: OpenFile | number): Opened | number {
    if (typeof file === 'number') return file
    return { fh: this.#newHandle(file, undefined), flags: openFlags(file) }
  }

  #newHandle(file: OpenFile, listing: Handle['listing']): number {
    const fh = this.#nextHandle++
    this.#handles.set(fh, {
      file,
      hostPos: 0,
      endAt: undefined,
      watch: undefined,
      listing,
    })
    return fh
  }
}

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
  // Only a stream lets write(2) go on while a read(2) of the same descriptor waits.
  if (file.f_mode & FMODE_STREAM || !isSeekable(file)) {
    return FOPEN_DIRECT_IO | FOPEN_STREAM | FOPEN_NONSEEKABLE
  }
  return FOPEN_DIRECT_IO
}

function ioctlResult(answer: number): IoctlResult | number {
  return answer < 0 ? answer : { result: answer }
}
