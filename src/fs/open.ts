// open(2) and the last close(2). Linux: fs/open.c, fs/file_table.c.

import { EINTR, EINVAL, ENXIO, ERESTARTSYS } from '../include/linux/errno.ts'
import { type file, type file_operations, FMODE_LSEEK } from '../include/linux/fs.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import {
  FASYNC,
  O_CREAT,
  O_DIRECT,
  O_EXCL,
  O_NOCTTY,
  O_PATH,
  O_RDONLY,
  O_TRUNC,
} from '../include/uapi/fcntl.ts'
import { S_ISBLK, S_ISCHR } from '../include/uapi/stat.ts'
import type { ModuleCode } from '../kernel/module/code.ts'
import type { Traps } from '../kernel/panic.ts'
import type { CharDevices } from './char_dev.ts'
import { callDriver } from './driver_call.ts'
import { OpenFile } from './file.ts'
import { AnonInode, type Inode, type Owner } from './inode.ts'
import { no_llseek } from './libfs.ts'

/** Seen by the driver's open(), and gone afterwards. */
const ONLY_AT_OPEN = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC

export class OpenFiles {
  readonly #chrdevs: CharDevices
  readonly #traps: Traps
  /** By the operations they were opened with: of a module's there are few, of files many. */
  readonly #open = new Map<file_operations, Set<OpenFile>>()
  #count = 0

  constructor(chrdevs: CharDevices, traps: Traps, code: ModuleCode) {
    this.#chrdevs = chrdevs
    this.#traps = traps
    // Those that hold no reference: a table of their own, so that no other call has to ask.
    code.onFree(isOf => {
      for (const [ops, files] of this.#open) {
        if (isOf(ops)) for (const filp of files) filp.f_op = code.tombstone(filp.f_op)
      }
    })
  }

  /** How many files are open. */
  get count(): number {
    return this.#count
  }

  /** The caller has checked that `cred` may open it. */
  open(inode: Inode, flags: number, cred: Owner): MaybePromise<OpenFile | errno_t> {
    const filp = new OpenFile(inode, flags, cred)
    if (flags & O_PATH) return filp
    if (S_ISBLK(inode.i_mode)) return -ENXIO // there are no block devices
    let crashed = false
    const err = callDriver(
      this.#traps,
      () =>
        S_ISCHR(inode.i_mode)
          ? this.#chrdevs.chrdev_open(inode, filp)
          : (filp.f_op.open?.(inode, filp) ?? 0),
      () => (crashed = true),
    )
    return typeof err === 'number'
      ? this.#opened(filp, err, crashed)
      : err.then(later => this.#opened(filp, later, crashed))
  }

  /** A file that nobody opens by a name: for a descriptor, or for fput(). */
  alloc_file(inode: AnonInode, flags: number, cred: Owner): OpenFile {
    const filp = new OpenFile(inode, flags, cred)
    this.#add(filp)
    return filp
  }

  /** A directory: nothing but its inode is behind it. */
  directory(inode: Inode, cred: Owner): OpenFile {
    return new OpenFile(inode, O_RDONLY, cred)
  }

  /** A descriptor of `filp` is closed: the error of the driver's flush(), if it has one. */
  async filp_close(filp: OpenFile): Promise<errno_t> {
    const err = filp.f_op.flush
      ? await callDriver(this.#traps, () => filp.f_op.flush?.(filp))
      : 0
    await this.fput(filp)
    return err === -ERESTARTSYS ? -EINTR : err // the descriptor is gone: no way to do it again
  }

  /** One more descriptor or mapped area of `filp`, or call in it. */
  get_file(filp: file): void {
    ;(filp as OpenFile).f_count++
  }

  /** One less; the last one releases it, and what release() says is the answer. */
  fput(filp: file): MaybePromise<errno_t> {
    const open = filp as OpenFile
    if (--open.f_count > 0 || open.f_flags & O_PATH) return 0
    return this.#release(open)
  }

  #add(filp: OpenFile): void {
    const { f_op } = filp
    const files = this.#open.get(f_op)
    if (files) files.add(filp)
    else this.#open.set(f_op, new Set([filp]))
    filp.opened_with = f_op
    this.#count++
  }

  #remove(filp: OpenFile): void {
    const { opened_with: ops } = filp
    const files = ops && this.#open.get(ops)
    if (!ops || !files?.delete(filp)) return
    if (files.size === 0) this.#open.delete(ops)
    this.#count--
  }

  #release(filp: OpenFile): MaybePromise<errno_t> {
    this.#remove(filp)
    if (filp.f_ep) for (const epoll of filp.f_ep) epoll.forget(filp)
    let crashed = false
    const err = callDriver(
      this.#traps,
      () => releaseDriver(filp),
      () => (crashed = true),
    )
    if (typeof err === 'number') return this.#put(filp, err, crashed)
    return err.then(later => this.#put(filp, later, crashed))
  }

  #opened(
    filp: OpenFile,
    err: errno_t,
    crashed: boolean,
  ): MaybePromise<OpenFile | errno_t> {
    if (err) return this.#put(filp, err, crashed)
    filp.f_flags &= ~ONLY_AT_OPEN
    const { f_op } = filp
    if (!f_op.llseek || f_op.llseek === no_llseek) filp.f_mode &= ~FMODE_LSEEK
    this.#add(filp)
    // No file here has a way around its cache; Linux looks only when the driver has opened it.
    if (filp.f_flags & O_DIRECT) return this.#refuse(filp)
    return filp
  }

  #refuse(filp: OpenFile): MaybePromise<errno_t> {
    const released = this.fput(filp)
    return typeof released === 'number' ? -EINVAL : released.then(() => -EINVAL)
  }

  /** An open() or release() that crashed leaves its references behind, as on Linux. */
  #put(filp: OpenFile, err: errno_t, crashed: boolean): errno_t {
    const { f_inode } = filp
    const holdsModule = S_ISCHR(f_inode.i_mode) || f_inode instanceof AnonInode
    if (crashed || !holdsModule) return err
    try {
      this.#chrdevs.cdev_put(filp)
    } catch (exception) {
      this.#traps.die(exception) // a device's release(): this was the last reference
    }
    return err
  }
}

/** Whoever wanted its signals is told that there will be none, before release(). */
function releaseDriver(filp: OpenFile): MaybePromise<errno_t> {
  const { f_op } = filp
  const release = () => f_op.release?.(filp.f_inode, filp) ?? 0
  if (!(filp.f_flags & FASYNC) || !f_op.fasync) return release()
  const off = f_op.fasync(-1, filp, 0)
  return typeof off === 'object' ? off.then(release) : release()
}
