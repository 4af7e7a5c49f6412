// Letting time pass. Implemented in kernel/time/timer.ts. Linux: include/linux/delay.h.
import type { Timers } from '../../kernel/time/timer.ts'

/** Sleep for `msecs` milliseconds. Signals do not end it. */
export declare const msleep: Timers['msleep']
/** As msleep(), but a signal ends it; returns the milliseconds that were left. */
export declare const msleep_interruptible: Timers['msleep_interruptible']
/** Sleep for whole seconds. */
export declare const ssleep: Timers['ssleep']
/** Wait `msecs` milliseconds without sleeping: the whole machine waits. */
export declare const mdelay: Timers['mdelay']
/** As mdelay(), in microseconds. */
export declare const udelay: Timers['udelay']
