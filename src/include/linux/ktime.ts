// Times in nanoseconds. Linux: include/linux/ktime.h.
//
// A ktime_t is a bigint, because the time of day in nanoseconds is more than a number can hold
// exactly. Lengths in milliseconds and microseconds are numbers.
import { NSEC_PER_MSEC, NSEC_PER_SEC, NSEC_PER_USEC, ns_to_timespec64 } from './time64.ts'
import type { timespec64 } from './time64.ts'

export * from './timekeeping.ts'

/** Nanoseconds. */
export type ktime_t = bigint

export const KTIME_MAX: ktime_t = 2n ** 63n - 1n
export const KTIME_SEC_MAX = Number(KTIME_MAX / BigInt(NSEC_PER_SEC))

const MS = BigInt(NSEC_PER_MSEC)
const US = BigInt(NSEC_PER_USEC)

export const ktime_set = (secs: number, nsecs: number | bigint): ktime_t =>
  secs >= KTIME_SEC_MAX ? KTIME_MAX : BigInt(secs) * BigInt(NSEC_PER_SEC) + BigInt(nsecs)
export const ns_to_ktime = (ns: number | bigint): ktime_t => BigInt(ns)
export const us_to_ktime = (us: number | bigint): ktime_t => BigInt(us) * US
export const ms_to_ktime = (ms: number | bigint): ktime_t => BigInt(ms) * MS
export const timespec64_to_ktime = ({ tv_sec, tv_nsec }: timespec64): ktime_t =>
  ktime_set(tv_sec, tv_nsec)

export const ktime_to_ns = (kt: ktime_t): bigint => kt
export const ktime_to_us = (kt: ktime_t): number => Number(kt / US)
export const ktime_to_ms = (kt: ktime_t): number => Number(kt / MS)
export const ktime_to_timespec64 = (kt: ktime_t): timespec64 => ns_to_timespec64(kt)

export const ktime_add = (a: ktime_t, b: ktime_t): ktime_t => BigInt.asIntN(64, a + b)
export const ktime_sub = (a: ktime_t, b: ktime_t): ktime_t => BigInt.asIntN(64, a - b)
export const ktime_add_ns = (kt: ktime_t, ns: number | bigint): ktime_t =>
  ktime_add(kt, BigInt(ns))
export const ktime_sub_ns = (kt: ktime_t, ns: number | bigint): ktime_t =>
  ktime_sub(kt, BigInt(ns))
export const ktime_add_us = (kt: ktime_t, us: number | bigint): ktime_t =>
  ktime_add(kt, us_to_ktime(us))
export const ktime_sub_us = (kt: ktime_t, us: number | bigint): ktime_t =>
  ktime_sub(kt, us_to_ktime(us))
export const ktime_add_ms = (kt: ktime_t, ms: number | bigint): ktime_t =>
  ktime_add(kt, ms_to_ktime(ms))
export const ktime_sub_ms = (kt: ktime_t, ms: number | bigint): ktime_t =>
  ktime_sub(kt, ms_to_ktime(ms))
/** How often `div` goes into it. */
export const ktime_divns = (kt: ktime_t, div: number | bigint): bigint => kt / BigInt(div)

/** Below 0 if `a` is the earlier one, above 0 if the later, as `a < b` says as well. */
export const ktime_compare = (a: ktime_t, b: ktime_t): number =>
  a < b ? -1 : a > b ? 1 : 0
export const ktime_after = (a: ktime_t, b: ktime_t): boolean => a > b
export const ktime_before = (a: ktime_t, b: ktime_t): boolean => a < b
/** From `earlier` to `later` in microseconds. */
export const ktime_us_delta = (later: ktime_t, earlier: ktime_t): number =>
  ktime_to_us(later - earlier)
/** From `earlier` to `later` in milliseconds. */
export const ktime_ms_delta = (later: ktime_t, earlier: ktime_t): number =>
  ktime_to_ms(later - earlier)
