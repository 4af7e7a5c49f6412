// Timers of nanoseconds. Implemented in kernel/time/hrtimer.ts and kernel/time/hrtimer_sleep.ts.
// Linux: include/linux/hrtimer.h.
//
// The function runs in interrupt context, as those of timers do, and says whether to go on. The
// host's clock rings at milliseconds: never early, but up to one late.
import type { Hrtimers } from '../../kernel/time/hrtimer.ts'
import type { HrtimerSleeps } from '../../kernel/time/hrtimer_sleep.ts'
import { embedded } from './container_of.ts'
import type { ktime_t } from './ktime.ts'

/** The timer is done. */
export const HRTIMER_NORESTART = 0
/** It goes on, at the time that the function has moved it to. */
export const HRTIMER_RESTART = 1
export type hrtimer_restart = typeof HRTIMER_NORESTART | typeof HRTIMER_RESTART

/** The time is one of the clock. */
export const HRTIMER_MODE_ABS = 0x00
/** The time counts from now. */
export const HRTIMER_MODE_REL = 0x01
export const HRTIMER_MODE_PINNED = 0x02
/** The function runs as a softirq. */
export const HRTIMER_MODE_SOFT = 0x04
/** The function runs as the interrupt. */
export const HRTIMER_MODE_HARD = 0x08
export const HRTIMER_MODE_ABS_PINNED = HRTIMER_MODE_ABS | HRTIMER_MODE_PINNED
export const HRTIMER_MODE_REL_PINNED = HRTIMER_MODE_REL | HRTIMER_MODE_PINNED
export const HRTIMER_MODE_ABS_SOFT = HRTIMER_MODE_ABS | HRTIMER_MODE_SOFT
export const HRTIMER_MODE_REL_SOFT = HRTIMER_MODE_REL | HRTIMER_MODE_SOFT
export const HRTIMER_MODE_ABS_HARD = HRTIMER_MODE_ABS | HRTIMER_MODE_HARD
export const HRTIMER_MODE_REL_HARD = HRTIMER_MODE_REL | HRTIMER_MODE_HARD

export const CLOCK_REALTIME = 0
export const CLOCK_MONOTONIC = 1
export const CLOCK_BOOTTIME = 7

/** `struct hrtimer`: `new hrtimer(this)` if container_of() is to find the object around it. */
export class hrtimer<T = unknown> extends embedded<T> {
  /** What is called when it goes off; set it after hrtimer_init(). */
  function: ((timer: never) => hrtimer_restart) | undefined = undefined
  /** @internal when, on its clock */
  expires: ktime_t = 0n
  /** @internal CLOCK_* */
  clock = CLOCK_MONOTONIC
  /** @internal */
  is_soft = false
  /** @internal is it in the queue? */
  queued = false
  /** @internal does its function run? */
  running = false
}

export const hrtimer_get_expires = (timer: hrtimer): ktime_t => timer.expires
export const hrtimer_get_expires_ns = hrtimer_get_expires
export function hrtimer_set_expires(timer: hrtimer, time: ktime_t): void {
  timer.expires = time
}
export function hrtimer_add_expires(timer: hrtimer, time: ktime_t): void {
  timer.expires += time
}
export const hrtimer_is_queued = (timer: hrtimer): boolean => timer.queued
export const hrtimer_callback_running = (timer: hrtimer): boolean => timer.running

/** Prepare a timer of CLOCK_*. */
export declare const hrtimer_init: Hrtimers['hrtimer_init']
/** @internal */
export declare const hrtimer_start_range_ns: Hrtimers['hrtimer_start_range_ns']
/** Stop it, if its function does not run: 1 if it was running, 0 if not, -1 in its function. */
export declare const hrtimer_try_to_cancel: Hrtimers['hrtimer_try_to_cancel']
/** Stop it: 1 if it was running, 0 if not. Not from its own function. */
export declare const hrtimer_cancel: Hrtimers['hrtimer_cancel']
/** Is it waiting, or does its function run? */
export declare const hrtimer_active: Hrtimers['hrtimer_active']
/** Move it on by as many `interval`s as it takes to be later than `now`: how many, a bigint. */
export declare const hrtimer_forward: Hrtimers['hrtimer_forward']
/** What its clock says now. */
export declare const hrtimer_cb_get_time: Hrtimers['hrtimer_cb_get_time']
/** How long until it goes off. */
export declare const hrtimer_get_remaining: Hrtimers['hrtimer_get_remaining']

/** Start it; `mode`: HRTIMER_MODE_*. */
export const hrtimer_start = (timer: hrtimer, time: ktime_t, mode: number): void =>
  hrtimer_start_range_ns(timer, time, 0, mode)
/** Start it once more at the time that it has. */
export const hrtimer_restart = (timer: hrtimer): void =>
  hrtimer_start(timer, timer.expires, HRTIMER_MODE_ABS)
/** hrtimer_forward() from now. */
export const hrtimer_forward_now = (timer: hrtimer, interval: ktime_t): bigint =>
  hrtimer_forward(timer, hrtimer_cb_get_time(timer), interval)

/** Sleep as the task's state says, for so long (null: without an end): 0, or -EINTR if woken before. */
export declare const schedule_hrtimeout: HrtimerSleeps['schedule_hrtimeout']
/** As schedule_hrtimeout(), and up to `delta` nanoseconds longer. */
export declare const schedule_hrtimeout_range: HrtimerSleeps['schedule_hrtimeout_range']
