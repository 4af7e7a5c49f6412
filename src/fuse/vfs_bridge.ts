// What the host asks of open files but for reading and writing, and directories: all the rest of
// FuseFilesystem.

import {
  EBADF,
  EINVAL,
  ENODEV,
  ENOTDIR,
  ENOTTY,
  ENXIO,
  EOPNOTSUPP,
  ESTALE,
} from '../include/uapi/errno.ts'
import {
  FOPEN_DIRECT_IO,
  FOPEN_NOFLUSH,
  FOPEN_NONSEEKABLE,
  FOPEN_STREAM,
  FUSE_IOCTL_COMPAT,
} from '../include/uapi/fuse.ts'
import { FMODE_STREAM } from '../include/linux/fs.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { S_IFMT, S_ISCHR } from '../include/uapi/stat.ts'
import { AnonInode, type Inode } from '../fs/inode.ts'
import type { OpenFile } from '../fs/file.ts'
import { compat_ioctl, vfs_ioctl } from '../fs/ioctl.ts'
import { isSeekable } from '../fs/read_write.ts'
import { ALWAYS, no_wait, PollQueues, vfs_poll } from '../fs/select.ts'
import { vfs_fsync } from '../fs/sync.ts'
import { isPromise } from '../lib/is_promise.ts'
import { process_ptr } from '../lib/usercopy.ts'
import { FORWARD } from '../syscall/forward.ts'
import type {
  Caller,
  DirectoryEntry,
  Entry,
  FuseFilesystem,
  IoctlResult,
  Opened,
} from './filesystem.ts'
import type { Handle } from './handles.ts'
import { VfsMappings } from './vfs_mappings.ts'

export class VfsBridge extends VfsMappings implements FuseFilesystem {
  /** Sizes of the tables that must not grow with time. */
  get counts(): { nodes: number; openFiles: number; sleeping: number } {
    return {
      nodes: this.nodes.size,
      openFiles: this.handles.size,
      sleeping: this.sleeping.size,
    }
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
    return isPromise(opened) ? opened.then(both) : both(opened)
  }

  open(nodeid: number, flags: number, caller: Caller): MaybePromise<Opened | number> {
    const inode = this.nodes.get(nodeid)?.inode
    if (!inode) return -ESTALE
    if (inode instanceof AnonInode) return this.#openGiven(inode, nodeid, caller)
    const { machine, systemCalls } = this.needs
    const hidden = S_ISCHR(inode.i_mode) ? systemCalls.hiddenOpenFlags(caller.pid) : 0
    const opened = this.call(caller, () =>
      machine.files.open(inode, flags | hidden, this.owner(caller)),
    )
    return isPromise(opened)
      ? opened.then(file => this.#handle(file, nodeid))
      : this.#handle(opened, nodeid)
  }

  /** The descriptor's file is open already; by way of /proc/<pid>/fd it cannot be opened again. */
  #openGiven(inode: AnonInode, nodeid: number, { pid }: Caller): Opened | number {
    const file = this.needs.takeGiven?.(pid, inode) as OpenFile | undefined
    return this.#handle(file ?? -ENXIO, nodeid)
  }

  flush(fh: number, caller: Caller): MaybePromise<number> {
    const handle = this.handles.get(fh)
    if (!handle || this.needs.isSupervisor?.(caller.pid)) return 0
    const { file } = handle
    const closer = this.identity(caller)
    if (file.f_op.release) closer.rememberComm()
    handle.closer = closer
    return file.f_op.flush
      ? this.driver(caller, () => file.f_op.flush?.(file), closer)
      : 0
  }

  release(fh: number, _flags: number, caller: Caller): MaybePromise<number> {
    const handle = this.handles.get(fh)
    if (!handle) return 0
    this.handles.delete(fh)
    handle.line?.cancel()
    const { file, mapped, closer } = handle
    const put = () => {
      if (mapped) this.closedMappable(mapped)
      return this.needs.machine.files.fput(file)
    }
    return this.call(caller, put, closer)
  }

  fsync(fh: number, datasync: boolean, caller: Caller): MaybePromise<number> {
    const file = this.handles.get(fh)?.file
    if (!file) return -EBADF
    return this.call(caller, () => vfs_fsync(this.traps, file, datasync))
  }

  fallocate(fh: number): number {
    return this.handles.get(fh)?.file.f_inode.cached ? -EOPNOTSUPP : -ENODEV
  }

  /** Not from or to a device; of other files the host can copy the pages. */
  copyFileRange(from: number, to: number): number {
    const ends = [this.handles.get(from), this.handles.get(to)]
    return ends.every(end => end?.file.f_inode.cached) ? -EOPNOTSUPP : -EINVAL
  }

  ioctl(
    fh: number,
    cmd: number,
    arg: bigint,
    flags: number,
    caller: Caller,
  ): MaybePromise<IoctlResult | number> {
    const handle = this.handles.get(fh)
    if (!handle) return -EBADF
    const { file } = handle
    if (cmd === FORWARD) return this.#forward(file, arg, caller)
    const enter = flags & FUSE_IOCTL_COMPAT ? compat_ioctl : vfs_ioctl
    const ptr = new process_ptr(this.memoryOf(caller.pid), arg)
    const make = () => enter(this.traps, file, cmd, ptr)
    const answer = this.isShared(handle)
      ? this.shared(caller, make, handle.mapped)
      : this.call(caller, make)
    return typeof answer === 'number' ? ioctlResult(answer) : answer.then(ioctlResult)
  }

  #forward(file: OpenFile, arg: bigint, { pid }: Caller): IoctlResult | number {
    const { forward } = this.needs
    return forward ? ioctlResult(forward(file, arg, pid)) : -ENOTTY
  }

  poll(
    fh: number,
    events: number,
    kh: bigint | undefined,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.handles.get(fh)
    if (!handle) return -EBADF
    const before = handle.line
    const table = kh === undefined ? no_wait(events) : this.#getInLine(handle, events, kh)
    const mask = this.call(caller, () => vfs_poll(this.traps, handle.file, table))
    if (kh === undefined) return mask
    // Only now: a driver may sleep in its poll(), and who polled before must not miss what comes.
    if (typeof mask !== 'number') return mask.finally(() => before?.cancel())
    before?.cancel()
    return mask
  }

  opendir(nodeid: number, caller: Caller): Opened | number {
    const node = this.nodes.get(nodeid)
    if (!node) return -ESTALE
    const { inode, view } = node
    if (!inode.children) return -ENOTDIR
    const entries: [string, Inode][] = [
      ['.', inode],
      ['..', inode.parent ?? inode],
      ...(view === 'run' ? this.hostEntries.list(inode) : inode.children),
    ]
    const file = this.needs.machine.files.directory(inode, this.owner(caller))
    return { fh: this.handles.add(file, { listing: { entries, view } }), flags: 0 }
  }

  readdir(
    fh: number,
    offset: number,
    plus: boolean,
    take: (entry: DirectoryEntry) => boolean,
  ): number {
    const listing = this.handles.get(fh)?.listing
    if (!listing) return -EBADF
    const { entries, view } = listing
    // The host's entries have no nodes before they are looked up, so here none has.
    const withNodes = plus && view === 'mount'
    for (let i = offset; i < entries.length; i++) {
      const [name, inode] = entries[i] as [string, Inode]
      const entry = this.#directoryEntry(name, inode, i, withNodes)
      if (take(entry)) continue
      if (entry.entry) this.nodes.forget(entry.entry.nodeid, 1)
      break
    }
    return 0
  }

  releasedir(fh: number): void {
    if (this.handles.get(fh)?.listing) this.handles.delete(fh)
  }

  /** Every program is cut off: close its files, as exit(2) would. */
  override destroy(): void {
    super.destroy()
    for (const task of this.sleeping.values()) this.sched.signal_wake_up(task)
    for (const [fh, { listing }] of this.handles.entries()) {
      if (listing) this.releasedir(fh)
      else void this.release(fh, 0, { uid: 0, gid: 0, pid: 0, unique: 0 })
    }
  }

  /**
   * The host has one `kh` for a file, however many poll it: it is woken for what any of them wants,
   * once, and asks again.
   */
  #getInLine(handle: Handle, events: number, kh: bigint): PollQueues {
    const line = new PollQueues((handle.line?.key ?? 0) | events | ALWAYS, () => {
      line.cancel()
      if (handle.line === line) handle.line = undefined
      this.needs.notifyPoll(kh)
      return true
    })
    handle.line = line
    return line
  }

  #directoryEntry(
    name: string,
    inode: Inode,
    index: number,
    withNode: boolean,
  ): DirectoryEntry {
    const entry: DirectoryEntry = {
      ino: this.nodes.inoOf(inode),
      type: inode.i_mode & S_IFMT,
      name,
      next: index + 1,
    }
    if (withNode && name !== '.' && name !== '..') {
      entry.entry = this.entryOf(this.nodes.lookup(inode, 'mount'))
    }
    return entry
  }

  #handle(file: OpenFile | number, nodeid: number): Opened | number {
    if (typeof file === 'number') return file
    this.nodes.opened(nodeid, isSeekable(file))
    const mapped = this.openedMappable(nodeid, file)
    return { fh: this.handles.add(file, { mapped }), flags: openFlags(file) }
  }
}

/** How the host is to treat the open file. */
function openFlags(file: OpenFile): number {
  // A close(2) that nobody hears of need not be told.
  const flush = file.f_op.flush || file.f_op.release ? 0 : FOPEN_NOFLUSH
  if (file.f_inode.cached) return flush
  // Only a stream lets write(2) go on while a read(2) of the same descriptor waits.
  if (file.f_mode & FMODE_STREAM || !isSeekable(file)) {
    return flush | FOPEN_DIRECT_IO | FOPEN_STREAM | FOPEN_NONSEEKABLE
  }
  return flush | FOPEN_DIRECT_IO
}

function ioctlResult(answer: number): IoctlResult | number {
  return answer < 0 ? answer : { result: answer }
}
