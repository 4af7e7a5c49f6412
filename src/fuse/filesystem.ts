// The seam between the wire and the files: what operations.ts calls, what vfs_bridge.ts
// implements. The wire knows bytes and opcodes; behind this interface nobody does.
//
// Every call answers at once where it can: a plain value, or a negative error number.
// What has to wait answers with a promise of the same.

import type { MaybePromise } from '../include/linux/types.ts'
import type { UserWindow } from '../lib/usercopy.ts'

/** Who makes a request. `pid` is 0 for callers in a foreign pid namespace. */
export interface Caller {
  readonly uid: number
  readonly gid: number
  readonly pid: number
  /** The request's number, by which interrupt() names it. */
  readonly unique: number
}

/** struct fuse_attr, in this machine's terms. Times are in milliseconds. */
export interface Attributes {
  ino: number
  size: number
  mode: number
  nlink: number
  uid: number
  gid: number
  /** As new_encode_dev() codes it. */
  rdev: number
  blksize: number
  atime: number
  mtime: number
  ctime: number
}

/** What LOOKUP and the makers of nodes answer: one more reference on `nodeid`. */
export interface Entry {
  nodeid: number
  attributes: Attributes
}

/** What SETATTR asks for; only what is set is to be changed. */
export interface AttributeChanges {
  mode?: number
  uid?: number
  gid?: number
  size?: number
  /** Milliseconds, or 'now'. */
  atime?: number | 'now'
  mtime?: number | 'now'
}

export interface Opened {
  fh: number
  /** FOPEN_* flags. */
  flags: number
}

export interface DirectoryEntry {
  ino: number
  /** S_IF* bits. */
  type: number
  name: string
  /** Where the next READDIR goes on if this entry was the last to fit. */
  next: number
  /** READDIRPLUS only; absent for "." and "..". Counts as one LOOKUP if it is sent. */
  entry?: Entry
}

export interface FileSystemStatistics {
  blocks: number
  files: number
  namelen: number
  blksize: number
}

export interface IoctlResult {
  result: number
}

/** A negative number is an error number, everywhere. */
type Reply<T> = MaybePromise<T | number>
type Status = MaybePromise<number>

export interface FuseFilesystem {
  lookup(parent: number, name: string, caller: Caller): Reply<Entry>
  /** `count` LOOKUPs of this node are forgotten by the host. */
  forget(nodeid: number, count: number): void
  /** `fh` is there when fstat(2) asks. */
  getattr(nodeid: number, fh: number | undefined, caller: Caller): Reply<Attributes>
  setattr(
    nodeid: number,
    fh: number | undefined,
    changes: AttributeChanges,
    caller: Caller,
  ): Reply<Attributes>
  readlink(nodeid: number, caller: Caller): Reply<string>
  /** `mode` is already reduced by the caller's umask, here and below. */
  mknod(
    parent: number,
    name: string,
    mode: number,
    rdev: number,
    caller: Caller,
  ): Reply<Entry>
  mkdir(parent: number, name: string, mode: number, caller: Caller): Reply<Entry>
  symlink(parent: number, name: string, target: string, caller: Caller): Reply<Entry>
  create(
    parent: number,
    name: string,
    flags: number,
    mode: number,
    caller: Caller,
  ): Reply<{ entry: Entry; opened: Opened }>
  unlink(parent: number, name: string, caller: Caller): Status
  rmdir(parent: number, name: string, caller: Caller): Status
  /** `flags` are renameat2(2)'s. */
  rename(
    parent: number,
    name: string,
    newParent: number,
    newName: string,
    flags: number,
    caller: Caller,
  ): Status
  link(nodeid: number, newParent: number, newName: string, caller: Caller): Reply<Entry>
  access(nodeid: number, mask: number, caller: Caller): Status

  open(nodeid: number, flags: number, caller: Caller): Reply<Opened>
  /**
   * Fill `window` (its length is what the caller asked for); bytes filled, or an error.
   * `flags` are the open file's flags now.
   */
  read(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
  ): Status
  /** Take bytes from `window`; how many were taken, or an error. */
  write(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
  ): Status
  /** The host fills pages of its cache: as read(), but no program has called read(2). */
  fault(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
  ): Status
  /** The host hands back pages of its cache: as write(), but no program has called write(2). */
  writeBack(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
  ): Status
  /** The answer to FUSE_NOTIFY_RETRIEVE number `unique`; `bytes` are the callee's. */
  retrieved(unique: number, bytes: Uint8Array): void
  flush(fh: number, caller: Caller): Status
  /** The last close; the answer is not awaited by any program. */
  release(fh: number, flags: number, caller: Caller): Status
  fsync(fh: number, datasync: boolean, caller: Caller): Status
  lseek(fh: number, offset: number, whence: number, caller: Caller): Status
  /** fallocate(2): how it fails. */
  fallocate(fh: number): number
  /** copy_file_range(2) between two open files: how it fails. */
  copyFileRange(from: number, to: number): number
  ioctl(
    fh: number,
    cmd: number,
    arg: bigint,
    flags: number,
    caller: Caller,
  ): Reply<IoctlResult>
  /**
   * The events that are ready now. If `kh` is given, the host wants FUSE_NOTIFY_POLL with
   * it when that may have changed.
   */
  poll(fh: number, events: number, kh: bigint | undefined, caller: Caller): Status

  opendir(nodeid: number, caller: Caller): Reply<Opened>
  /** Entries from `offset` on (0 is the start). `take` says false when the reply is full. */
  readdir(
    fh: number,
    offset: number,
    plus: boolean,
    take: (entry: DirectoryEntry) => boolean,
    caller: Caller,
  ): Status
  releasedir(fh: number): void

  statfs(nodeid: number): FileSystemStatistics
  /** The caller of request `unique` got a signal; it is thread `pid`, if the request did not say. */
  interrupt(unique: number, pid?: number): void
  /** The connection has ended: close what is still open. */
  destroy(): void
}
