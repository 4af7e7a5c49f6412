// Letting time pass. Implemented in kernel/time/sleep_timeout.ts, kernel/time/hrtimer_sleep.ts and
// kernel/time/delay.ts. Linux: include/linux/delay.h.
import type { EXPORT_SYMBOL as delay } from '../../kernel/time/delay.ts'
import type { HrtimerSleeps } from '../../kernel/time/hrtimer_sleep.ts'
import type { Timeouts } from '../../kernel/time/sleep_timeout.ts'

/** Sleep for `msecs` milliseconds. Signals do not end it. */
export declare const msleep: Timeouts['msleep']
/** As msleep(), but a signal ends it; returns the milliseconds that were left. */
export declare const msleep_interruptible: Timeouts['msleep_interruptible']
/** @internal */
export declare const usleep_range_state: HrtimerSleeps['usleep_range_state']
/** @internal */
export declare const __udelay: (typeof delay)['__udelay']
/** @internal */
export declare const __ndelay: (typeof delay)['__ndelay']

/** Sleep for whole seconds. */
export const ssleep = (seconds: number): Promise<void> => msleep(seconds * 1000)

/** Sleep for at least `min` and about `max` microseconds. Signals do not end it. */
export const usleep_range = (min: number, max: number): Promise<void> =>
  usleep_range_state(min, max, 2)

/** Sleep for `usecs` microseconds, in the way that suits so many. Below 10 it does not sleep. */
export async function fsleep(usecs: number): Promise<void> {
  if (usecs <= 10) udelay(usecs)
  else if (usecs <= 20_000) await usleep_range(usecs, 2 * usecs)
  else await msleep(Math.ceil(usecs / 1000))
}

/** Wait `nsecs` nanoseconds without sleeping: the whole machine waits. */
export const ndelay = (nsecs: number): void => __ndelay(nsecs)
/** As ndelay(), in microseconds. */
export const udelay = (usecs: number): void => __udelay(usecs)
/** As ndelay(), in milliseconds. */
export const mdelay = (msecs: number): void => __udelay(msecs * 1000)
