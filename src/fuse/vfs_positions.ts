// Reading, writing and seeking for programs of the host, whose kernel keeps a position of its own.
//
// The host never tells of SEEK_SET and SEEK_CUR: it only asks for another offset next time. So each
// handle knows where the host is, and the driver's llseek() is asked when it turns up elsewhere.

import { EBADF, ESTALE } from '../include/uapi/errno.ts'
import { O_APPEND } from '../include/uapi/fcntl.ts'
import { FMODE_STREAM, SEEK_END, SEEK_SET } from '../include/linux/fs.ts'
import type { MaybePromise, ref } from '../include/linux/types.ts'
import { S_ISCHR } from '../include/uapi/stat.ts'
import { SETFL_MASK } from '../fs/fcntl.ts'
import type { OpenFile } from '../fs/file.ts'
import {
  isSeekable,
  NO_POSITION,
  vfs_llseek,
  vfs_read,
  vfs_write,
} from '../fs/read_write.ts'
import { type UserWindow, window_ptr } from '../lib/usercopy.ts'
import type { Attributes, Caller } from './filesystem.ts'
import { type Handle, Handles } from './handles.ts'
import { sizeOfOpenDevice } from './open_device_size.ts'
import { VfsNames } from './vfs_names.ts'

/** vfs_read() or vfs_write(). */
export type Move = typeof vfs_read | typeof vfs_write

export class VfsPositions extends VfsNames {
  protected readonly handles = new Handles()

  getattr(
    nodeid: number,
    fh: number | undefined,
    caller: Caller,
  ): MaybePromise<Attributes | number> {
    const node = this.nodes.get(nodeid)
    if (!node) return -ESTALE
    const attributes = this.attributes(node)
    if (fh === undefined && !node.opened)
      return { ...attributes, ino: this.nodes.hostIno(node) }
    if (node.mappable && fh === undefined) this.needs.pageCache.keepSize(nodeid)
    if (fh === undefined && node.seekable) {
      const size = sizeOfOpenDevice(this.needs.systemCalls.position(caller.pid) ?? 0)
      return { ...attributes, size, mtime: Date.now() }
    }
    const handle = fh === undefined ? undefined : this.handles.get(fh)
    const file = handle?.file
    if (!file || file.f_inode.cached || !file.f_op.llseek || !isSeekable(file))
      return attributes

    const fixed = { ...attributes, ino: this.nodes.hostIno(node) }
    return this.#seekToEnd(handle, fixed, caller)
  }

  /** The host asks with a handle only for an lseek(2) from the end: it adds the offset to the size. */
  #seekToEnd(
    handle: Handle,
    attributes: Attributes,
    caller: Caller,
  ): MaybePromise<Attributes | number> {
    const known = this.needs.systemCalls.seekFromEnd(caller.pid)
    const offset = known ?? 0
    const end =
      known === undefined
        ? this.#endOf(handle.file, caller)
        : this.call(caller, () => vfs_llseek(this.traps, handle.file, offset, SEEK_END))
    const withSize = (position: number): Attributes | number => {
      if (position < 0) return position
      const size = this.sizeOf(handle, Math.max(0, position - offset))
      if (known !== undefined && size + offset === position) handle.hostPos = position
      return { ...attributes, size }
    }
    return typeof end === 'number' ? withSize(end) : end.then(withSize)
  }

  /** Where the driver says the end is; it goes back to where it was. */
  #endOf(file: OpenFile, caller: Caller): MaybePromise<number> {
    const before = file.f_pos
    const back = (end: number): MaybePromise<number> => {
      const returned = this.call(caller, () =>
        vfs_llseek(this.traps, file, before, SEEK_SET),
      )
      return typeof returned === 'number' ? end : returned.then(() => end)
    }
    const end = this.call(caller, () => vfs_llseek(this.traps, file, 0, SEEK_END))
    return typeof end === 'number' ? back(end) : end.then(back)
  }

  read(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.handles.get(fh)
    if (!handle) return -EBADF
    return this.transfer(handle, offset, window, flags, caller, vfs_read)
  }

  write(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.handles.get(fh)
    if (!handle) return -EBADF
    return this.transfer(handle, offset, window, flags, caller, vfs_write)
  }

  /** The host asks only for SEEK_DATA and SEEK_HOLE; the rest it does itself. */
  lseek(
    fh: number,
    offset: number,
    whence: number,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.handles.get(fh)
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

  /** What the host takes for the end of the file, if the driver says `end`. */
  protected sizeOf(_handle: Handle, end: number): number {
    return end
  }

  protected transfer(
    handle: Handle,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
    move: Move,
  ): MaybePromise<number> {
    const { file } = handle
    file.f_flags = (flags & SETFL_MASK) | (file.f_flags & ~SETFL_MASK)
    if (offset !== handle.hostPos && !(flags & O_APPEND) && isSeekable(file)) {
      if (this.#isPositioned(file, caller)) {
        const ready = this.#catchUp(handle, caller)
        const elsewhere = () => this.#moveElsewhere(file, offset, window, caller, move)
        return typeof ready === 'number' ? elsewhere() : ready.then(elsewhere)
      }
      const sought = this.#seekTo(handle, offset, caller)
      if (typeof sought !== 'number') {
        return sought.then(position =>
          position < 0 ? position : this.#moveAt(handle, offset, window, caller, move),
        )
      }
      if (sought < 0) return sought
    }
    return this.#moveAt(handle, offset, window, caller, move)
  }

  /** pread(2) and pwrite(2): no llseek(), and the position stays. Files in /proc seek for it. */
  #isPositioned(file: OpenFile, caller: Caller): boolean {
    return S_ISCHR(file.f_inode.i_mode) && this.needs.systemCalls.isPositioned(caller.pid)
  }

  /** Before a call that has no part in the position: the program may have moved it with lseek(2). */
  #catchUp(handle: Handle, caller: Caller): MaybePromise<number> {
    const at = this.needs.systemCalls.position(caller.pid)
    if (at === undefined || at === handle.hostPos) return 0
    return this.#seekTo(handle, at, caller)
  }

  /** The driver goes to where the host is, and is there whatever the read or write then answers. */
  #seekTo(handle: Handle, offset: number, caller: Caller): MaybePromise<number> {
    const arrive = (position: number): number => {
      if (position >= 0) handle.hostPos = offset
      return position
    }
    const sought = this.call(caller, () =>
      vfs_llseek(this.traps, handle.file, offset, SEEK_SET),
    )
    return typeof sought === 'number' ? arrive(sought) : sought.then(arrive)
  }

  #moveElsewhere(
    file: OpenFile,
    offset: number,
    window: UserWindow,
    caller: Caller,
    move: Move,
  ): MaybePromise<number> {
    const pos = { value: offset }
    return this.call(caller, () =>
      move(this.traps, file, new window_ptr(window), window.length, pos),
    )
  }

  /** Read or write at the driver's own position, and follow what the host will make of it. */
  #moveAt(
    handle: Handle,
    offset: number,
    window: UserWindow,
    caller: Caller,
    move: Move,
  ): MaybePromise<number> {
    const { file } = handle
    const isStream = (file.f_mode & FMODE_STREAM) !== 0
    const pos = isStream ? NO_POSITION : { value: file.f_pos }
    const task = this.enter(this.identity(caller))
    const n = move(this.traps, file, new window_ptr(window), window.length, pos)
    if (typeof n === 'number') {
      this.sched.leave(task)
      this.sched.current = this.sched.idle
      return settlePosition(handle, offset, pos, n)
    }
    const { unique } = caller
    this.fallAsleep(unique, task)
    return n.then(later => {
      this.sleeping.delete(unique)
      this.sched.leave(task)
      return settlePosition(handle, offset, pos, later)
    })
  }
}

/** The host moves its position by what was transferred; the driver may have moved its own elsewhere. */
function settlePosition(
  handle: Handle,
  offset: number,
  pos: ref<number>,
  n: number,
): number {
  if (n < 0) return n
  if (pos) handle.file.f_pos = pos.value
  handle.hostPos = offset + n
  return n
}
