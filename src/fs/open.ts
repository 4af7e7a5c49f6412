// open(2) and the last close(2). Linux: fs/open.c, fs/file_table.c.

import { ENXIO } from '../include/linux/errno.ts'
import { type file, FMODE_LSEEK } from '../include/linux/fs.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import { O_CREAT, O_EXCL, O_NOCTTY, O_RDONLY, O_TRUNC } from '../include/uapi/fcntl.ts'
import { S_ISBLK, S_ISCHR } from '../include/uapi/stat.ts'
import type { Traps } from '../kernel/panic.ts'
import type { CharDevices } from './char_dev.ts'
import { callDriver } from './driver_call.ts'
import { OpenFile } from './file.ts'
import type { Inode, Owner } from './inode.ts'
import { no_llseek } from './libfs.ts'

/** Seen by the driver's open(), and gone afterwards. */
const ONLY_AT_OPEN = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC

export class OpenFiles {
  readonly #chrdevs: CharDevices
  readonly #traps: Traps
  readonly #open = new Set<OpenFile>()

  constructor(chrdevs: CharDevices, traps: Traps) {
    this.#chrdevs = chrdevs
    this.#traps = traps
  }

  /** How many files are open. */
  get count(): number {
    return this.#open.size
  }

  /** The caller has checked that `cred` may open it. */
  open(inode: Inode, flags: number, cred: Owner): MaybePromise<OpenFile | errno_t> {
    if (S_ISBLK(inode.i_mode)) return -ENXIO // there are no block devices
    const filp = new OpenFile(inode, flags, cred)
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

  /** A directory: nothing but its inode is behind it. */
  directory(inode: Inode, cred: Owner): OpenFile {
    return new OpenFile(inode, O_RDONLY, cred)
  }

  /** One more descriptor or mapped area of `filp`. */
  get_file(filp: file): void {
    ;(filp as OpenFile).f_count++
  }

  /** One descriptor or mapped area less; the last one releases it, and what release() says is the answer. */
  fput(filp: file): MaybePromise<errno_t> {
    return --(filp as OpenFile).f_count === 0 ? this.#release(filp as OpenFile) : 0
  }

  #release(filp: OpenFile): MaybePromise<errno_t> {
    this.#open.delete(filp)
    let crashed = false
    const err = callDriver(
      this.#traps,
      () => filp.f_op.release?.(filp.f_inode, filp) ?? 0,
      () => (crashed = true),
    )
    if (typeof err === 'number') return this.#put(filp, err, crashed)
    return err.then(later => this.#put(filp, later, crashed))
  }

  #opened(filp: OpenFile, err: errno_t, crashed: boolean): OpenFile | errno_t {
    if (err) return this.#put(filp, err, crashed)
    filp.f_flags &= ~ONLY_AT_OPEN
    const { f_op } = filp
    if (!f_op.llseek || f_op.llseek === no_llseek) filp.f_mode &= ~FMODE_LSEEK
    this.#open.add(filp)
    return filp
  }

  /** An open() or release() that crashed leaves its references behind, as on Linux. */
  #put(filp: OpenFile, err: errno_t, crashed: boolean): errno_t {
    if (!crashed && S_ISCHR(filp.f_inode.i_mode)) this.#chrdevs.cdev_put(filp)
    return err
  }
}
