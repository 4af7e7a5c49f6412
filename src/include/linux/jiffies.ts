// Time in ticks. Implemented in kernel/time/jiffies.ts. Linux: include/linux/jiffies.h.
import type { Jiffies } from '../../kernel/time/jiffies.ts'
import { NSEC_PER_SEC, timespec64 } from './time64.ts'

/** Ticks a second. */
export const HZ = 250
/** Nanoseconds of a tick. */
export const TICK_NSEC = NSEC_PER_SEC / HZ

/** Ticks since boot, read anew each time; starts five minutes before it wraps at 32 bits. */
export declare const jiffies: Jiffies['jiffies']
/** The same: jiffies has 64 bits. */
export declare const jiffies_64: Jiffies['jiffies_64']

export const get_jiffies_64 = (): number => jiffies_64

/** schedule_timeout() of it sleeps without an end. */
export const MAX_SCHEDULE_TIMEOUT = 2 ** 53 - 1
/** The longest time that a timer can be set to, in ticks. */
export const MAX_JIFFY_OFFSET = Math.floor(MAX_SCHEDULE_TIMEOUT / 2) - 1

/** Of a negative time, which is a huge one in C: the longest there is. */
const ticks = (n: number): number => (n < 0 ? MAX_JIFFY_OFFSET : Math.ceil(n))

export const msecs_to_jiffies = (ms: number): number => ticks((ms * HZ) / 1000)
export const usecs_to_jiffies = (us: number): number => ticks((us * HZ) / 1_000_000)
/** Rounds down, as on Linux. */
export const nsecs_to_jiffies = (ns: number | bigint): number =>
  Math.floor(Number(ns) / TICK_NSEC)
export const nsecs_to_jiffies64 = nsecs_to_jiffies
export const jiffies_to_msecs = (j: number): number => Math.floor((j * 1000) / HZ)
export const jiffies_to_usecs = (j: number): number => Math.floor((j * 1_000_000) / HZ)
export const jiffies_to_nsecs = (j: number): bigint => BigInt(j) * BigInt(TICK_NSEC)
export const jiffies64_to_nsecs = jiffies_to_nsecs
export const jiffies64_to_msecs = jiffies_to_msecs

export const timespec64_to_jiffies = ({ tv_sec, tv_nsec }: timespec64): number =>
  ticks(tv_sec * HZ + tv_nsec / TICK_NSEC)

export function jiffies_to_timespec64(j: number, value: timespec64): void {
  value.tv_sec = Math.floor(j / HZ)
  value.tv_nsec = (j % HZ) * TICK_NSEC
}

/** Is `a` later than `b`? What has 64 bits does not wrap. */
export const time_after = (a: number, b: number): boolean => a > b
export const time_before = (a: number, b: number): boolean => a < b
export const time_after_eq = (a: number, b: number): boolean => a >= b
export const time_before_eq = (a: number, b: number): boolean => a <= b
export const time_after64 = time_after
export const time_before64 = time_before
export const time_after_eq64 = time_after_eq
export const time_before_eq64 = time_before_eq
/** The same of times that were cut to 32 bits, and wrap. */
export const time_after32 = (a: number, b: number): boolean => ((b - a) | 0) < 0
export const time_before32 = (b: number, a: number): boolean => time_after32(a, b)
/** Is `a` in [b, c]? */
export const time_in_range = (a: number, b: number, c: number): boolean =>
  a >= b && a <= c
/** Is `a` in [b, c)? */
export const time_in_range_open = (a: number, b: number, c: number): boolean =>
  a >= b && a < c
/** Is `a` over? */
export const time_is_before_jiffies = (a: number): boolean => jiffies > a
/** Is `a` still to come? */
export const time_is_after_jiffies = (a: number): boolean => jiffies < a
export const time_is_before_eq_jiffies = (a: number): boolean => jiffies >= a
export const time_is_after_eq_jiffies = (a: number): boolean => jiffies <= a
