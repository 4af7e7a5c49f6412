// Counters of 32 bits that nobody sees half changed. Linux: include/linux/atomic.h.
//
// Between two awaits nothing else runs, so all of them are plain arithmetic here, cut to 32 bits.
import type { ref } from './types.ts'

export * from './atomic64.ts'

/** `atomic_t n = ATOMIC_INIT(0)` is `const n = new atomic_t(0)`. */
export class atomic_t {
  counter: number

  constructor(i = 0) {
    this.counter = i | 0
  }
}

/** A new one. */
export const ATOMIC_INIT = (i: number): atomic_t => new atomic_t(i)

const ZERO = 0
const ONE = 1

export const atomic_read = (v: atomic_t): number => v.counter
export const atomic_read_acquire = atomic_read
export function atomic_set(v: atomic_t, i: number): void {
  v.counter = i | 0
}
export const atomic_set_release = atomic_set

/** Add, and give what there was before. */
export function atomic_fetch_add(i: number, v: atomic_t): number {
  const old = v.counter
  v.counter = (old + i) | 0
  return old
}
/** Take away, and give what there was before. */
export function atomic_fetch_sub(i: number, v: atomic_t): number {
  const old = v.counter
  v.counter = (old - i) | 0
  return old
}
/** Add, and give what there is now. */
export function atomic_add_return(i: number, v: atomic_t): number {
  return (v.counter = (v.counter + i) | 0)
}
/** Take away, and give what there is now. */
export function atomic_sub_return(i: number, v: atomic_t): number {
  return (v.counter = (v.counter - i) | 0)
}
export const atomic_add = (i: number, v: atomic_t): void => void atomic_add_return(i, v)
export const atomic_sub = (i: number, v: atomic_t): void => void atomic_sub_return(i, v)
export const atomic_inc = (v: atomic_t): void => void atomic_add_return(ONE, v)
export const atomic_dec = (v: atomic_t): void => void atomic_sub_return(ONE, v)
export const atomic_inc_return = (v: atomic_t): number => atomic_add_return(ONE, v)
export const atomic_dec_return = (v: atomic_t): number => atomic_sub_return(ONE, v)
export const atomic_fetch_inc = (v: atomic_t): number => atomic_fetch_add(ONE, v)
export const atomic_fetch_dec = (v: atomic_t): number => atomic_fetch_sub(ONE, v)

/** Take `i` away: is 0 left? */
export const atomic_sub_and_test = (i: number, v: atomic_t): boolean =>
  atomic_sub_return(i, v) === ZERO
/** Take 1 away: is 0 left? */
export const atomic_dec_and_test = (v: atomic_t): boolean => atomic_dec_return(v) === ZERO
/** Add 1: is it 0 now? */
export const atomic_inc_and_test = (v: atomic_t): boolean => atomic_inc_return(v) === ZERO
/** Add `i`: is it negative now? */
export const atomic_add_negative = (i: number, v: atomic_t): boolean =>
  atomic_add_return(i, v) < ZERO

/** Of the bits, keep those of `i`; the value before. */
export const atomic_fetch_and = (i: number, v: atomic_t): number =>
  atomic_xchg(v, v.counter & i)
/** Set the bits of `i`; the value before. */
export const atomic_fetch_or = (i: number, v: atomic_t): number =>
  atomic_xchg(v, v.counter | i)
/** Turn the bits of `i` over; the value before. */
export const atomic_fetch_xor = (i: number, v: atomic_t): number =>
  atomic_xchg(v, v.counter ^ i)
/** Clear the bits of `i`; the value before. */
export const atomic_fetch_andnot = (i: number, v: atomic_t): number =>
  atomic_xchg(v, v.counter & ~i)
export const atomic_and = (i: number, v: atomic_t): void => void atomic_fetch_and(i, v)
export const atomic_or = (i: number, v: atomic_t): void => void atomic_fetch_or(i, v)
export const atomic_xor = (i: number, v: atomic_t): void => void atomic_fetch_xor(i, v)
export const atomic_andnot = (i: number, v: atomic_t): void =>
  void atomic_fetch_andnot(i, v)

/** Set; the value before. */
export function atomic_xchg(v: atomic_t, i: number): number {
  const old = v.counter
  v.counter = i | 0
  return old
}
/** Set to `i` if it is `old`; the value before. */
export function atomic_cmpxchg(v: atomic_t, old: number, i: number): number {
  const was = v.counter
  if (was === old) v.counter = i | 0
  return was
}
/** Set to `i` if it is `old.value`: whether it was; if not, `old` is told what it is. */
export function atomic_try_cmpxchg(v: atomic_t, old: ref<number>, i: number): boolean {
  const was = atomic_cmpxchg(v, old.value, i)
  const done = was === old.value
  old.value = was
  return done
}
/** Add `a` unless it is `u`; the value before. */
export function atomic_fetch_add_unless(v: atomic_t, a: number, u: number): number {
  return v.counter === u ? u : atomic_fetch_add(a, v)
}
/** Add `a` unless it is `u`: whether it was done. */
export const atomic_add_unless = (v: atomic_t, a: number, u: number): boolean =>
  atomic_fetch_add_unless(v, a, u) !== u
/** Add 1 unless it is 0: whether it was done. */
export const atomic_inc_not_zero = (v: atomic_t): boolean =>
  atomic_add_unless(v, ONE, ZERO)
/** Add 1 unless it is negative: whether it was done. */
export const atomic_inc_unless_negative = (v: atomic_t): boolean =>
  v.counter >= ZERO && atomic_inc_return(v) !== ZERO
/** Take 1 away unless it is positive: whether it was done. */
export function atomic_dec_unless_positive(v: atomic_t): boolean {
  if (v.counter > ZERO) return false
  atomic_dec(v)
  return true
}
/** Take 1 away if that leaves 0 or more; what is left, or would have been. */
export function atomic_dec_if_positive(v: atomic_t): number {
  const left = v.counter - ONE
  if (left >= ZERO) v.counter = left
  return left
}
