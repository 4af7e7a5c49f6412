// Where the bytes of a read or write go, in one piece or several. Implemented in lib/iov_iter.ts.
// Linux: include/linux/uio.h.
import type { EXPORT_SYMBOL as lib } from '../../lib/iov_iter.ts'
import type { size_t } from './types.ts'
import type { user_ptr } from './uaccess.ts'
import { bytesOf, type void_ptr } from './void_ptr.ts'

/** readv(2) and writev(2) take at most so many pieces. */
export const UIO_MAXIOV = 1024

/** One piece of a program's memory. */
export interface iovec {
  iov_base: user_ptr
  iov_len: size_t
}

/** One piece of the kernel's memory. */
export interface kvec {
  iov_base: Uint8Array
  iov_len: size_t
}

export const ITER_IOVEC = 0
export const ITER_KVEC = 1
export const ITER_UBUF = 6

/** Directions: bytes go into the iterator, or come from it. */
export const ITER_DEST = 0
export const ITER_SOURCE = 1

/** The pieces, and how far one has got. Only `count` and `nr_segs` are for drivers to look at. */
export class iov_iter {
  /** ITER_UBUF, ITER_IOVEC or ITER_KVEC. */
  iter_type = ITER_UBUF
  /** Do bytes come from here, as in write(2)? */
  data_source = false
  /** Where in the current piece one is. */
  iov_offset = 0
  /** Bytes left. */
  count = 0
  /** Pieces left, of readv(2) and writev(2); 0 for read(2) and write(2). */
  nr_segs = 0
  /** The one piece of ITER_UBUF. */
  ubuf: user_ptr | undefined = undefined
  /** All pieces of ITER_IOVEC. */
  iov: readonly iovec[] = []
  /** All pieces of ITER_KVEC. */
  kvec: readonly kvec[] = []
  /** Which of them is the current one. */
  segment = 0
}

/** Make `i` one stretch of a program's memory. */
export function iov_iter_ubuf(
  i: iov_iter,
  direction: number,
  buf: user_ptr,
  count: size_t,
): void {
  i.iter_type = ITER_UBUF
  i.data_source = direction === ITER_SOURCE
  i.ubuf = buf
  i.count = count
}

/** Make `i` the first `nr_segs` of `iov`, `count` bytes in all. */
export declare const iov_iter_init: (typeof lib)['iov_iter_init']
/** As iov_iter_init(), of the kernel's memory. */
export declare const iov_iter_kvec: (typeof lib)['iov_iter_kvec']
/** @internal */
export declare const _copy_to_iter: (typeof lib)['_copy_to_iter']
/** @internal */
export declare const _copy_from_iter: (typeof lib)['_copy_from_iter']
/** Put `bytes` zeros there and go on behind them; how many fitted. */
export declare const iov_iter_zero: (typeof lib)['iov_iter_zero']
/** Go on `bytes` further, as if they had been copied. */
export declare const iov_iter_advance: (typeof lib)['iov_iter_advance']
/** Take the last `unroll` bytes back. */
export declare const iov_iter_revert: (typeof lib)['iov_iter_revert']
/** Bytes left in the current piece. */
export declare const iov_iter_single_seg_count: (typeof lib)['iov_iter_single_seg_count']

/** Copy up to `bytes` from `addr` there, and go on behind them; how many were copied. */
export function copy_to_iter(addr: void_ptr, bytes: size_t, i: iov_iter): size_t {
  return _copy_to_iter(bytesOf(addr), bytes, i)
}

/** Copy up to `bytes` from there into `addr`, and go on behind them; how many were copied. */
export function copy_from_iter(addr: void_ptr, bytes: size_t, i: iov_iter): size_t {
  return _copy_from_iter(bytesOf(addr), bytes, i)
}

/** As copy_from_iter(), all or nothing: if it is not all, one is where one was. */
export function copy_from_iter_full(addr: void_ptr, bytes: size_t, i: iov_iter): boolean {
  const copied = copy_from_iter(addr, bytes, i)
  if (copied === bytes) return true
  iov_iter_revert(i, copied)
  return false
}

/** Bytes left. */
export const iov_iter_count = (i: iov_iter): size_t => i.count

/** ITER_SOURCE for a write, ITER_DEST for a read. */
export const iov_iter_rw = (i: iov_iter): number =>
  i.data_source ? ITER_SOURCE : ITER_DEST

export const iter_is_ubuf = (i: iov_iter): boolean => i.iter_type === ITER_UBUF
export const iter_is_iovec = (i: iov_iter): boolean => i.iter_type === ITER_IOVEC
export const iov_iter_is_kvec = (i: iov_iter): boolean => i.iter_type === ITER_KVEC
/** Is it memory of a program? */
export const user_backed_iter = (i: iov_iter): boolean => !iov_iter_is_kvec(i)

/** Leave at most `count` bytes. */
export function iov_iter_truncate(i: iov_iter, count: size_t): void {
  if (i.count > count) i.count = count
}

/** Undo iov_iter_truncate(): `count` bytes are left. */
export function iov_iter_reexpand(i: iov_iter, count: size_t): void {
  i.count = count
}

/** Bytes of the first `nr_segs` pieces. */
export function iov_length(iov: readonly iovec[], nr_segs: number): size_t {
  return iov.slice(0, nr_segs).reduce((sum, { iov_len }) => sum + iov_len, 0)
}
