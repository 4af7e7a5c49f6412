// Time in ticks. Implemented in kernel/time/jiffies.ts. Linux: include/linux/jiffies.h.
import type { Jiffies } from '../../kernel/time/jiffies.ts'

/** Ticks a second. */
export const HZ = 250

/** Ticks since boot, read anew each time; starts five minutes before it wraps at 32 bits. */
export declare const jiffies: Jiffies['jiffies']

export const msecs_to_jiffies = (ms: number): number => Math.ceil((ms * HZ) / 1000)
export const usecs_to_jiffies = (us: number): number => Math.ceil((us * HZ) / 1_000_000)
export const jiffies_to_msecs = (j: number): number => Math.floor((j * 1000) / HZ)
export const jiffies_to_usecs = (j: number): number => Math.floor((j * 1_000_000) / HZ)

/** Is `a` later than `b`? */
export const time_after = (a: number, b: number): boolean => a > b
export const time_before = (a: number, b: number): boolean => a < b
export const time_after_eq = (a: number, b: number): boolean => a >= b
export const time_before_eq = (a: number, b: number): boolean => a <= b
