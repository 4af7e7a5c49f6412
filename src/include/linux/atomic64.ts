// Counters of 64 bits that nobody sees half changed: bigints, cut to 64 bits. Drivers import
// '#linux/atomic'. Linux: include/linux/atomic.h.
import type { ref } from './types.ts'

/** `atomic64_t n = ATOMIC64_INIT(0)` is `const n = new atomic64_t(0n)`. */
export class atomic64_t {
  counter: bigint

  constructor(i = 0n) {
    this.counter = s64(i)
  }
}

/** A new one. */
export const ATOMIC64_INIT = (i: bigint): atomic64_t => new atomic64_t(i)

const ZERO = 0n
const ONE = 1n
const s64 = (i: bigint): bigint => BigInt.asIntN(64, i)

export const atomic64_read = (v: atomic64_t): bigint => v.counter
export const atomic64_read_acquire = atomic64_read
export function atomic64_set(v: atomic64_t, i: bigint): void {
  v.counter = s64(i)
}
export const atomic64_set_release = atomic64_set

/** Add, and give what there was before. */
export function atomic64_fetch_add(i: bigint, v: atomic64_t): bigint {
  const old = v.counter
  v.counter = s64(old + i)
  return old
}
/** Take away, and give what there was before. */
export function atomic64_fetch_sub(i: bigint, v: atomic64_t): bigint {
  const old = v.counter
  v.counter = s64(old - i)
  return old
}
/** Add, and give what there is now. */
export function atomic64_add_return(i: bigint, v: atomic64_t): bigint {
  return (v.counter = s64(v.counter + i))
}
/** Take away, and give what there is now. */
export function atomic64_sub_return(i: bigint, v: atomic64_t): bigint {
  return (v.counter = s64(v.counter - i))
}
export const atomic64_add = (i: bigint, v: atomic64_t): void =>
  void atomic64_add_return(i, v)
export const atomic64_sub = (i: bigint, v: atomic64_t): void =>
  void atomic64_sub_return(i, v)
export const atomic64_inc = (v: atomic64_t): void => void atomic64_add_return(ONE, v)
export const atomic64_dec = (v: atomic64_t): void => void atomic64_sub_return(ONE, v)
export const atomic64_inc_return = (v: atomic64_t): bigint => atomic64_add_return(ONE, v)
export const atomic64_dec_return = (v: atomic64_t): bigint => atomic64_sub_return(ONE, v)
export const atomic64_fetch_inc = (v: atomic64_t): bigint => atomic64_fetch_add(ONE, v)
export const atomic64_fetch_dec = (v: atomic64_t): bigint => atomic64_fetch_sub(ONE, v)

/** Take `i` away: is 0 left? */
export const atomic64_sub_and_test = (i: bigint, v: atomic64_t): boolean =>
  atomic64_sub_return(i, v) === ZERO
/** Take 1 away: is 0 left? */
export const atomic64_dec_and_test = (v: atomic64_t): boolean =>
  atomic64_dec_return(v) === ZERO
/** Add 1: is it 0 now? */
export const atomic64_inc_and_test = (v: atomic64_t): boolean =>
  atomic64_inc_return(v) === ZERO
/** Add `i`: is it negative now? */
export const atomic64_add_negative = (i: bigint, v: atomic64_t): boolean =>
  atomic64_add_return(i, v) < ZERO

/** Of the bits, keep those of `i`; the value before. */
export const atomic64_fetch_and = (i: bigint, v: atomic64_t): bigint =>
  atomic64_xchg(v, v.counter & i)
/** Set the bits of `i`; the value before. */
export const atomic64_fetch_or = (i: bigint, v: atomic64_t): bigint =>
  atomic64_xchg(v, v.counter | i)
/** Turn the bits of `i` over; the value before. */
export const atomic64_fetch_xor = (i: bigint, v: atomic64_t): bigint =>
  atomic64_xchg(v, v.counter ^ i)
/** Clear the bits of `i`; the value before. */
export const atomic64_fetch_andnot = (i: bigint, v: atomic64_t): bigint =>
  atomic64_xchg(v, v.counter & ~i)
export const atomic64_and = (i: bigint, v: atomic64_t): void =>
  void atomic64_fetch_and(i, v)
export const atomic64_or = (i: bigint, v: atomic64_t): void =>
  void atomic64_fetch_or(i, v)
export const atomic64_xor = (i: bigint, v: atomic64_t): void =>
  void atomic64_fetch_xor(i, v)
export const atomic64_andnot = (i: bigint, v: atomic64_t): void =>
  void atomic64_fetch_andnot(i, v)

/** Set; the value before. */
export function atomic64_xchg(v: atomic64_t, i: bigint): bigint {
  const old = v.counter
  v.counter = s64(i)
  return old
}
/** Set to `i` if it is `old`; the value before. */
export function atomic64_cmpxchg(v: atomic64_t, old: bigint, i: bigint): bigint {
  const was = v.counter
  if (was === old) v.counter = s64(i)
  return was
}
/** Set to `i` if it is `old.value`: whether it was; if not, `old` is told what it is. */
export function atomic64_try_cmpxchg(
  v: atomic64_t,
  old: ref<bigint>,
  i: bigint,
): boolean {
  const was = atomic64_cmpxchg(v, old.value, i)
  const done = was === old.value
  old.value = was
  return done
}
/** Add `a` unless it is `u`; the value before. */
export function atomic64_fetch_add_unless(v: atomic64_t, a: bigint, u: bigint): bigint {
  return v.counter === u ? u : atomic64_fetch_add(a, v)
}
/** Add `a` unless it is `u`: whether it was done. */
export const atomic64_add_unless = (v: atomic64_t, a: bigint, u: bigint): boolean =>
  atomic64_fetch_add_unless(v, a, u) !== u
/** Add 1 unless it is 0: whether it was done. */
export const atomic64_inc_not_zero = (v: atomic64_t): boolean =>
  atomic64_add_unless(v, ONE, ZERO)
/** Add 1 unless it is negative: whether it was done. */
export const atomic64_inc_unless_negative = (v: atomic64_t): boolean =>
  v.counter >= ZERO && atomic64_inc_return(v) !== ZERO
/** Take 1 away unless it is positive: whether it was done. */
export function atomic64_dec_unless_positive(v: atomic64_t): boolean {
  if (v.counter > ZERO) return false
  atomic64_dec(v)
  return true
}
/** Take 1 away if that leaves 0 or more; what is left, or would have been. */
export function atomic64_dec_if_positive(v: atomic64_t): bigint {
  const left = v.counter - ONE
  if (left >= ZERO) v.counter = left
  return left
}

// `long` has 64 bits.
export { atomic64_t as atomic_long_t, ATOMIC64_INIT as ATOMIC_LONG_INIT }
export {
  atomic64_read as atomic_long_read,
  atomic64_read_acquire as atomic_long_read_acquire,
  atomic64_set as atomic_long_set,
  atomic64_set_release as atomic_long_set_release,
  atomic64_fetch_add as atomic_long_fetch_add,
  atomic64_fetch_sub as atomic_long_fetch_sub,
  atomic64_add_return as atomic_long_add_return,
  atomic64_sub_return as atomic_long_sub_return,
  atomic64_add as atomic_long_add,
  atomic64_sub as atomic_long_sub,
  atomic64_inc as atomic_long_inc,
  atomic64_dec as atomic_long_dec,
  atomic64_inc_return as atomic_long_inc_return,
  atomic64_dec_return as atomic_long_dec_return,
  atomic64_fetch_inc as atomic_long_fetch_inc,
  atomic64_fetch_dec as atomic_long_fetch_dec,
  atomic64_sub_and_test as atomic_long_sub_and_test,
  atomic64_dec_and_test as atomic_long_dec_and_test,
  atomic64_inc_and_test as atomic_long_inc_and_test,
  atomic64_add_negative as atomic_long_add_negative,
  atomic64_fetch_and as atomic_long_fetch_and,
  atomic64_fetch_or as atomic_long_fetch_or,
  atomic64_fetch_xor as atomic_long_fetch_xor,
  atomic64_fetch_andnot as atomic_long_fetch_andnot,
  atomic64_and as atomic_long_and,
  atomic64_or as atomic_long_or,
  atomic64_xor as atomic_long_xor,
  atomic64_andnot as atomic_long_andnot,
  atomic64_xchg as atomic_long_xchg,
  atomic64_cmpxchg as atomic_long_cmpxchg,
  atomic64_try_cmpxchg as atomic_long_try_cmpxchg,
  atomic64_fetch_add_unless as atomic_long_fetch_add_unless,
  atomic64_add_unless as atomic_long_add_unless,
  atomic64_inc_not_zero as atomic_long_inc_not_zero,
  atomic64_inc_unless_negative as atomic_long_inc_unless_negative,
  atomic64_dec_unless_positive as atomic_long_dec_unless_positive,
  atomic64_dec_if_positive as atomic_long_dec_if_positive,
}
