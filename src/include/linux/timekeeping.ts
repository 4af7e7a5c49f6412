// What time it is. Implemented in kernel/time/timekeeping.ts. Linux: include/linux/timekeeping.h.
//
// do_gettimeofday(), getnstimeofday() and current_kernel_time() are gone since Linux 5.0; what takes
// their places is here.
import type { Timekeeping } from '../../kernel/time/timekeeping.ts'
import { NSEC_PER_SEC } from './time64.ts'

/** @internal For ktime_get_with_offset(): what to count from. */
export const TK_OFFS_REAL = 0
/** @internal */
export const TK_OFFS_BOOT = 1

/** Since boot. */
export declare const ktime_get: Timekeeping['ktime_get']
/** Since boot, never corrected. */
export declare const ktime_get_raw: Timekeeping['ktime_get_raw']
/** @internal */
export declare const ktime_get_with_offset: Timekeeping['ktime_get_with_offset']
/** @internal */
export declare const ktime_get_coarse_with_offset: Timekeeping['ktime_get_coarse_with_offset']

/** The time of day, since 1970. */
export const ktime_get_real = (): bigint => ktime_get_with_offset(TK_OFFS_REAL)
/** Since boot, sleep of the machine included. */
export const ktime_get_boottime = (): bigint => ktime_get_with_offset(TK_OFFS_BOOT)
/** The time of day, as of the last tick. */
export const ktime_get_coarse_real = (): bigint =>
  ktime_get_coarse_with_offset(TK_OFFS_REAL)

/** Whole seconds since boot. */
export declare const ktime_get_seconds: Timekeeping['ktime_get_seconds']
/** Whole seconds since 1970. */
export declare const ktime_get_real_seconds: Timekeeping['ktime_get_real_seconds']
/** The time since boot into `ts`. */
export declare const ktime_get_ts64: Timekeeping['ktime_get_ts64']
/** The time of day into `ts`. */
export declare const ktime_get_real_ts64: Timekeeping['ktime_get_real_ts64']
/** The time since boot into `ts`, as of the last tick. */
export declare const ktime_get_coarse_ts64: Timekeeping['ktime_get_coarse_ts64']
/** The time of day into `ts`, as of the last tick. */
export declare const ktime_get_coarse_real_ts64: Timekeeping['ktime_get_coarse_real_ts64']

export const ktime_get_ns = (): bigint => ktime_get()
export const ktime_get_raw_ns = (): bigint => ktime_get_raw()
export const ktime_get_real_ns = (): bigint => ktime_get_real()
export const ktime_get_boottime_ns = (): bigint => ktime_get_boottime()
export const ktime_get_coarse_real_ns = (): bigint => ktime_get_coarse_real()
export const ktime_get_boottime_seconds = (): number =>
  Number(ktime_get_boottime() / BigInt(NSEC_PER_SEC))
