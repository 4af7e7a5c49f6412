// Copying to and from the pieces of a read or write. Linux: lib/iov_iter.c.

import {
  ITER_IOVEC,
  ITER_KVEC,
  ITER_SOURCE,
  type iov_iter,
  type iovec,
  iter_is_ubuf,
  type kvec,
} from '../include/linux/uio.ts'
import type { size_t } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { clear_user, copy_to_user, fetch } from './usercopy.ts'

/** What is done to each stretch of memory: `done` bytes of `bytes` are over. How many it moved. */
interface Step {
  user: (at: user_ptr, n: number, bytes: Uint8Array, done: number) => number
  kernel: (at: Uint8Array, bytes: Uint8Array, done: number) => void
}

const NOTHING = new Uint8Array(0)

const TO_ITER: Step = {
  user: (at, n, bytes, done) => n - copy_to_user(at, bytes.subarray(done, done + n), n),
  kernel: (at, bytes, done) => at.set(bytes.subarray(done, done + at.length)),
}

const FROM_ITER: Step = {
  user: (at, n, bytes, done) => fetch(bytes.subarray(done, done + n), at, n),
  kernel: (at, bytes, done) => bytes.set(at, done),
}

const ZERO: Step = {
  user: (at, n) => n - clear_user(at, n),
  kernel: at => void at.fill(0),
}

function iov_iter_init(
  i: iov_iter,
  direction: number,
  iov: readonly iovec[],
  nr_segs: number,
  count: size_t,
): void {
  begin(i, ITER_IOVEC, direction, nr_segs, count)
  i.iov = iov
}

function iov_iter_kvec(
  i: iov_iter,
  direction: number,
  kvec: readonly kvec[],
  nr_segs: number,
  count: size_t,
): void {
  begin(i, ITER_KVEC, direction, nr_segs, count)
  i.kvec = kvec
}

function begin(
  i: iov_iter,
  type: number,
  direction: number,
  nr_segs: number,
  count: size_t,
): void {
  i.iter_type = type
  i.data_source = direction === ITER_SOURCE
  i.nr_segs = nr_segs
  i.count = count
  i.iov_offset = 0
  i.segment = 0
}

function _copy_to_iter(addr: Uint8Array, bytes: size_t, i: iov_iter): size_t {
  return iterate_and_advance(i, Math.min(bytes, addr.length), TO_ITER, addr)
}

function _copy_from_iter(addr: Uint8Array, bytes: size_t, i: iov_iter): size_t {
  return iterate_and_advance(i, Math.min(bytes, addr.length), FROM_ITER, addr)
}

function iov_iter_zero(bytes: size_t, i: iov_iter): size_t {
  return iterate_and_advance(i, bytes, ZERO, NOTHING)
}

/** Take `step` over the next `bytes` bytes, up to the first that is not there; how many it were. */
function iterate_and_advance(
  i: iov_iter,
  bytes: size_t,
  step: Step,
  buffer: Uint8Array,
): size_t {
  const all = Math.min(bytes, i.count)
  let done = 0
  while (done < all) {
    const n = Math.min(all - done, iov_iter_single_seg_count(i))
    const moved = n === 0 ? 0 : takeStep(i, n, step, buffer, done)
    iov_iter_advance(i, moved)
    done += moved
    if (moved < n) break
  }
  return done
}

function takeStep(
  i: iov_iter,
  n: number,
  step: Step,
  buffer: Uint8Array,
  done: number,
): number {
  if (i.iter_type === ITER_KVEC) {
    const at = i.kvec[i.segment]?.iov_base ?? NOTHING
    step.kernel(at.subarray(i.iov_offset, i.iov_offset + n), buffer, done)
    return n
  }
  const base = iter_is_ubuf(i) ? i.ubuf : i.iov[i.segment]?.iov_base
  return base ? step.user(base.plus(i.iov_offset), n, buffer, done) : 0
}

function iov_iter_advance(i: iov_iter, size: size_t): void {
  const bytes = Math.min(size, i.count)
  if (iter_is_ubuf(i)) {
    i.iov_offset += bytes
    i.count -= bytes
  } else if (i.count > 0) advanceSegments(i, bytes)
}

/** A piece that is used up is left behind, and empty ones after it. */
function advanceSegments(i: iov_iter, bytes: number): void {
  i.count -= bytes
  let offset = bytes + i.iov_offset
  while (i.nr_segs > 0 && offset >= segmentLength(i)) {
    offset -= segmentLength(i)
    i.segment++
    i.nr_segs--
  }
  i.iov_offset = offset
}

function iov_iter_revert(i: iov_iter, unroll: size_t): void {
  i.count += unroll
  let left = unroll
  while (left > i.iov_offset && i.segment > 0) {
    left -= i.iov_offset
    i.segment--
    i.nr_segs++
    i.iov_offset = segmentLength(i)
  }
  i.iov_offset -= left
}

function iov_iter_single_seg_count(i: iov_iter): size_t {
  if (i.nr_segs > 0) return Math.min(i.count, segmentLength(i) - i.iov_offset)
  return i.count
}

function segmentLength(i: iov_iter): size_t {
  const segments = i.iter_type === ITER_KVEC ? i.kvec : i.iov
  return segments[i.segment]?.iov_len ?? 0
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  iov_iter_init,
  iov_iter_kvec,
  _copy_to_iter,
  _copy_from_iter,
  iov_iter_zero,
  iov_iter_advance,
  iov_iter_revert,
  iov_iter_single_seg_count,
}
