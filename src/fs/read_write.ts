// read(2), write(2), lseek(2): what is checked before the driver is asked. Linux: fs/read_write.c.

import { EBADF, EINVAL, ESPIPE } from '../include/linux/errno.ts'
import {
  FMODE_LSEEK,
  FMODE_READ,
  FMODE_WRITE,
  SEEK_HOLE,
  SEEK_SET,
} from '../include/linux/fs.ts'
import type { MaybePromise, ref } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { ITER_DEST, ITER_SOURCE } from '../include/linux/uio.ts'
import type { Traps } from '../kernel/panic.ts'
import { callDriver, finish } from './driver_call.ts'
import type { OpenFile } from './file.ts'
import { move_iter } from './sync_iter.ts'

/** Where the numbers of positions end: a loff_t has 64 bits. */
const LOFF_MAX = 2 ** 63

/** The position of a stream: C's NULL. A driver that looks behind it makes an oops. */
export const NO_POSITION = null as unknown as ref<number>

/** Bytes read, or an error. The position is `pos`, which the driver moves, or NO_POSITION. */
export function vfs_read(
  traps: Traps,
  filp: OpenFile,
  buf: user_ptr,
  count: number,
  pos: ref<number>,
): MaybePromise<number> {
  if (!(filp.f_mode & FMODE_READ)) return -EBADF
  if (!filp.f_op.read && !filp.f_op.read_iter) return -EINVAL
  if (pos && !isRange(pos.value, count)) return -EINVAL
  if (!filp.f_op.read) return move_iter(traps, filp, ITER_DEST, buf, count, pos)
  try {
    const n = filp.f_op.read(filp, buf, count, pos)
    return typeof n === 'number' && Number.isInteger(n) ? n : finish(traps, n)
  } catch (exception) {
    return traps.die(exception)
  }
}

/** Bytes written, or an error. The position is `pos`, which the driver moves, or NO_POSITION. */
export function vfs_write(
  traps: Traps,
  filp: OpenFile,
  buf: user_ptr,
  count: number,
  pos: ref<number>,
): MaybePromise<number> {
  if (!(filp.f_mode & FMODE_WRITE)) return -EBADF
  if (!filp.f_op.write && !filp.f_op.write_iter) return -EINVAL
  if (pos && !isRange(pos.value, count)) return -EINVAL
  if (!filp.f_op.write) return move_iter(traps, filp, ITER_SOURCE, buf, count, pos)
  try {
    const n = filp.f_op.write(filp, buf, count, pos)
    return typeof n === 'number' && Number.isInteger(n) ? n : finish(traps, n)
  } catch (exception) {
    return traps.die(exception)
  }
}

/** Can a file have `count` bytes at `pos`? */
export function isRange(pos: number, count: number): boolean {
  return pos >= 0 && pos + count < LOFF_MAX
}

/** The new position, or an error. */
export function vfs_llseek(
  traps: Traps,
  filp: OpenFile,
  offset: number,
  whence: number,
): MaybePromise<number> {
  if (whence < SEEK_SET || whence > SEEK_HOLE) return -EINVAL
  if (!(filp.f_mode & FMODE_LSEEK)) return -ESPIPE
  return callDriver(traps, () => filp.f_op.llseek?.(filp, offset, whence) ?? -ESPIPE)
}

/** May this file be read or written at a position of the caller's choosing? */
export function isSeekable(filp: OpenFile): boolean {
  return (filp.f_mode & FMODE_LSEEK) !== 0
}
