// A file system of one folder for tests of the wire: each file behaves in its own way.

import { setTimeout as delay } from 'node:timers/promises'
import type {
  Attributes,
  Caller,
  DirectoryEntry,
  Entry,
  FuseFilesystem,
  Opened,
} from '../../src/fuse/filesystem.ts'
import type { MaybePromise } from '../../src/include/linux/types.ts'
import { copy_from_user, copy_to_user, window_ptr } from '../../src/lib/usercopy.ts'
import type { UserWindow } from '../../src/lib/usercopy.ts'
import {
  EINTR,
  EINVAL,
  ENODEV,
  ENOENT,
  ENOTDIR,
  ENOTTY,
  EPERM,
} from '../../src/include/uapi/errno.ts'
import { FOPEN_DIRECT_IO } from '../../src/include/uapi/fuse.ts'
import { EPOLLIN } from '../../src/include/uapi/poll.ts'
import { S_IFDIR, S_IFREG } from '../../src/include/uapi/stat.ts'

/** One file. `unique` is the request's number, for those that wait. */
export interface TinyFile {
  read?(offset: number, window: UserWindow, unique: number): MaybePromise<number>
  write?(offset: number, window: UserWindow, unique: number): MaybePromise<number>
  ioctl?(cmd: number, arg: bigint, caller: Caller): MaybePromise<number>
}

export class TinyFs implements FuseFilesystem {
  readonly files: [string, TinyFile][]
  /** What happened, for assertions: "open 2", "release 2", "interrupt" … */
  readonly events: string[] = []
  readonly #sleepers = new Map<number, (result: number) => void>()
  readonly #pollers = new Set<bigint>()
  ready = false

  constructor(files: Record<string, TinyFile>) {
    this.files = Object.entries(files)
  }

  /** Wait for INTERRUPT of `unique` (-EINTR) or for wakeAll(). */
  sleep(unique: number): Promise<number> {
    return new Promise(resolve => this.#sleepers.set(unique, resolve))
  }

  get sleeping(): number {
    return this.#sleepers.size
  }

  wakeAll(result: number): void {
    for (const wake of this.#sleepers.values()) wake(result)
    this.#sleepers.clear()
  }

  /** Handles to be told with FUSE_NOTIFY_POLL. */
  takePollers(): bigint[] {
    const pollers = [...this.#pollers]
    this.#pollers.clear()
    return pollers
  }

  lookup(parent: number, name: string): Entry | number {
    if (parent !== 1) return -ENOTDIR
    const index = this.files.findIndex(([other]) => other === name)
    if (index < 0) return -ENOENT
    return { nodeid: index + 2, attributes: this.#attributes(index + 2) }
  }

  forget(nodeid: number, count: number): void {
    this.events.push(`forget ${nodeid} ${count}`)
  }

  getattr(nodeid: number): Attributes {
    return this.#attributes(nodeid)
  }

  setattr(nodeid: number): Attributes {
    return this.#attributes(nodeid)
  }

  open(nodeid: number): Opened {
    this.events.push(`open ${nodeid}`)
    return { fh: nodeid, flags: FOPEN_DIRECT_IO }
  }

  read(
    fh: number,
    offset: number,
    window: UserWindow,
    _flags: number,
    { unique }: Caller,
  ) {
    return this.files[fh - 2]?.[1].read?.(offset, window, unique) ?? 0
  }

  write(
    fh: number,
    offset: number,
    window: UserWindow,
    _flags: number,
    { unique }: Caller,
  ) {
    return this.files[fh - 2]?.[1].write?.(offset, window, unique) ?? window.length
  }

  /** Pages of the host's cache are what read() and write() say, too. */
  fault(...args: Parameters<TinyFs['read']>) {
    return this.read(...args)
  }

  writeBack(...args: Parameters<TinyFs['write']>) {
    return this.write(...args)
  }

  retrieved(): void {}

  ioctl(fh: number, cmd: number, arg: bigint, _flags: number, caller: Caller) {
    const result = this.files[fh - 2]?.[1].ioctl?.(cmd, arg, caller) ?? -ENOTTY
    if (typeof result === 'number') return result < 0 ? result : { result }
    return result.then(result => ({ result }))
  }

  poll(_fh: number, _events: number, kh: bigint | undefined): number {
    if (kh !== undefined) this.#pollers.add(kh)
    return this.ready ? EPOLLIN : 0
  }

  release(fh: number): number {
    this.events.push(`release ${fh}`)
    return 0
  }

  interrupt(unique: number): void {
    this.events.push('interrupt')
    this.#sleepers.get(unique)?.(-EINTR)
    this.#sleepers.delete(unique)
  }

  readdir(
    _fh: number,
    offset: number,
    _plus: boolean,
    take: (entry: DirectoryEntry) => boolean,
  ): number {
    for (let i = offset; i < this.files.length; i++) {
      const [name] = this.files[i] ?? ['']
      const attributes = this.#attributes(i + 2)
      const entry = { nodeid: i + 2, attributes }
      if (!take({ ino: i + 2, type: S_IFREG, name, next: i + 1, entry })) break
    }
    return 0
  }

  opendir(): Opened {
    return { fh: 1, flags: 0 }
  }

  releasedir(): void {
    this.events.push('releasedir')
  }

  destroy(): void {
    this.events.push('destroy')
    this.wakeAll(-EINTR)
  }

  readonly statfs = () => ({ blocks: 0, files: 0, namelen: 255, blksize: 4096 })
  readonly flush = () => 0
  readonly fsync = () => 0
  readonly access = () => 0
  readonly lseek = (_fh: number, offset: number) => offset
  readonly copyFileRange = () => -EINVAL
  readonly fallocate = () => -ENODEV
  readonly readlink = () => -EPERM
  readonly mknod = () => -EPERM
  readonly mkdir = () => -EPERM
  readonly symlink = () => -EPERM
  readonly create = () => -EPERM
  readonly unlink = () => -EPERM
  readonly rmdir = () => -EPERM
  readonly rename = () => -EPERM
  readonly link = () => -EPERM

  #attributes(nodeid: number): Attributes {
    const mode = nodeid === 1 ? S_IFDIR | 0o755 : S_IFREG | 0o666
    const times = { atime: 1000, mtime: 2500, ctime: 3000 }
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
    return {
      ino: nodeid,
      size: 0,
      mode,
      nlink: 1,
      ...owner,
      rdev: 0,
      blksize: 4096,
      ...times,
    }
  }
}

/** Any number of zeros. */
export const zero: TinyFile = {
  read: (_offset, window) => fill(window, window.length),
}

/** Zeros, from an async function that has nothing to wait for. */
export const asyncZero: TinyFile = {
  read: async (_offset, window) => fill(window, window.length),
}

/** As asyncZero, but it really sleeps. */
export const slowZero: TinyFile = {
  async read(_offset, window) {
    await delay(5)
    return fill(window, window.length)
  },
}

/** Swallows what is written. */
export const sink: TinyFile = {
  write(_offset, window) {
    const bytes = new Uint8Array(window.length)
    return bytes.length - copy_from_user(bytes, new window_ptr(window), bytes.length)
  },
}

/** Text that is written replaces what there is to read. */
export function note(): TinyFile & { text: string } {
  return {
    text: '',
    read(offset, window) {
      const bytes = Buffer.from(this.text).subarray(offset, offset + window.length)
      return bytes.length - copy_to_user(new window_ptr(window), bytes, bytes.length)
    },
    write(_offset, window) {
      const bytes = Buffer.alloc(window.length)
      copy_from_user(bytes, new window_ptr(window), bytes.length)
      this.text = bytes.toString()
      return bytes.length
    },
  }
}

function fill(window: UserWindow, n: number): number {
  return n - copy_to_user(new window_ptr(window), new Uint8Array(n), n)
}
