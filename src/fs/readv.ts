// readv(2) and writev(2): several pieces of memory at once. Linux: fs/read_write.c.

import { EBADF, EINVAL } from '../include/linux/errno.ts'
import { FMODE_READ, FMODE_WRITE } from '../include/linux/fs.ts'
import type { MaybePromise, ref } from '../include/linux/types.ts'
import {
  ITER_DEST,
  ITER_SOURCE,
  UIO_MAXIOV,
  iov_iter,
  iov_length,
  type iovec,
} from '../include/linux/uio.ts'
import { EXPORT_SYMBOL as iter } from '../lib/iov_iter.ts'
import type { Traps } from '../kernel/panic.ts'
import type { OpenFile } from './file.ts'
import { isRange, vfs_read, vfs_write } from './read_write.ts'
import { call_iter } from './sync_iter.ts'

/** Bytes read, or an error. */
export function vfs_readv(
  traps: Traps,
  filp: OpenFile,
  vec: readonly iovec[],
  pos: ref<number>,
): MaybePromise<number> {
  if (vec.length > UIO_MAXIOV) return -EINVAL
  if (!(filp.f_mode & FMODE_READ)) return -EBADF
  const to = new iov_iter()
  iter.iov_iter_init(to, ITER_DEST, vec, vec.length, iov_length(vec, vec.length))
  if (filp.f_op.read_iter) return withPieces(traps, filp, to, pos)
  return filp.f_op.read ? pieceByPiece(traps, filp, to, pos, vfs_read) : -EINVAL
}

/** Bytes written, or an error. */
export function vfs_writev(
  traps: Traps,
  filp: OpenFile,
  vec: readonly iovec[],
  pos: ref<number>,
): MaybePromise<number> {
  if (vec.length > UIO_MAXIOV) return -EINVAL
  if (!(filp.f_mode & FMODE_WRITE)) return -EBADF
  const from = new iov_iter()
  iter.iov_iter_init(from, ITER_SOURCE, vec, vec.length, iov_length(vec, vec.length))
  if (filp.f_op.write_iter) return withPieces(traps, filp, from, pos)
  return filp.f_op.write ? pieceByPiece(traps, filp, from, pos, vfs_write) : -EINVAL
}

function withPieces(
  traps: Traps,
  filp: OpenFile,
  i: iov_iter,
  pos: ref<number>,
): MaybePromise<number> {
  if (i.count === 0) return 0
  if (pos && !isRange(pos.value, i.count)) return -EINVAL
  return call_iter(traps, filp, i, pos)
}

/** A call for each piece, until one is not served in full; its error counts if it is the first. */
async function pieceByPiece(
  traps: Traps,
  filp: OpenFile,
  i: iov_iter,
  pos: ref<number>,
  move: typeof vfs_read,
): Promise<number> {
  if (i.count > 0 && pos && !isRange(pos.value, i.count)) return -EINVAL
  let done = 0
  while (i.count > 0) {
    const { iov_base } = i.iov[i.segment] as iovec
    const count = iter.iov_iter_single_seg_count(i)
    const n = await move(traps, filp, iov_base, count, pos)
    if (n < 0) return done || n
    done += n
    if (n !== count) break
    iter.iov_iter_advance(i, n)
  }
  return done
}
