// Sleeping in a wait queue until a condition holds. Drivers import '#linux/wait'. Linux: the
// macros of include/linux/wait.h. The condition is a function here, since it is looked at again after
// each wake-up; await what these give back.
import type { ModuleSchedule } from '../../kernel/module/schedule.ts'
import type { Scheduler } from '../../kernel/sched.ts'
import type { HrtimerSleeps } from '../../kernel/time/hrtimer_sleep.ts'
import type { Timekeeping } from '../../kernel/time/timekeeping.ts'
import type { call_site } from './call_site.ts'
import { ETIME } from './errno.ts'
import { HRTIMER_MODE_ABS } from './hrtimer.ts'
import type { ktime_t } from './ktime.ts'
import {
  TASK_FREEZABLE,
  TASK_IDLE,
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_UNINTERRUPTIBLE,
} from './sched.ts'
import type { errno_t, MaybePromise } from './types.ts'
import { wait_at_most, wait_for } from './wait_loop.ts'
import type { wait_condition, wait_how } from './wait_loop.ts'
import { WQ_FLAG_EXCLUSIVE } from './wait_queue.ts'
import type { wait_queue_head } from './wait_queue.ts'

declare const schedule: Scheduler['schedule']
declare const ktime_get: Timekeeping['ktime_get']
declare const schedule_hrtimeout: HrtimerSleeps['schedule_hrtimeout']
declare const io_schedule: ModuleSchedule['io_schedule']

export type { wait_condition }

/** Sleeps until the condition holds: 0, or -ERESTARTSYS if a signal ends it. */
type wait_macro = (
  wq: wait_queue_head,
  condition: wait_condition,
  site?: call_site,
) => MaybePromise<errno_t>

/**
 * Sleeps for `timeout` ticks at most: how many were left, at least 1, if the condition holds; 0 if it
 * does not; -ERESTARTSYS if a signal ends it.
 */
type timed_wait_macro = (
  wq: wait_queue_head,
  condition: wait_condition,
  timeout: number,
  site?: call_site,
) => MaybePromise<number>

const UNINTERRUPTIBLE: wait_how = { state: TASK_UNINTERRUPTIBLE }
const INTERRUPTIBLE: wait_how = { state: TASK_INTERRUPTIBLE }
const KILLABLE: wait_how = { state: TASK_KILLABLE }
const IDLE: wait_how = { state: TASK_IDLE }
const FREEZABLE: wait_how = { state: TASK_INTERRUPTIBLE | TASK_FREEZABLE }

/** As one of those of whom wake_up() wakes only the first. */
const exclusive = (how: wait_how): wait_how => ({ ...how, flags: WQ_FLAG_EXCLUSIVE })
const EXCLUSIVE = exclusive(UNINTERRUPTIBLE)
const INTERRUPTIBLE_EXCLUSIVE = exclusive(INTERRUPTIBLE)
const KILLABLE_EXCLUSIVE = exclusive(KILLABLE)
const IDLE_EXCLUSIVE = exclusive(IDLE)
const FREEZABLE_EXCLUSIVE = exclusive(FREEZABLE)

/** Signals do not end it. */
export const wait_event: wait_macro = (wq, condition, site) =>
  wait_for(wq, condition, UNINTERRUPTIBLE, site)
/** A signal ends it. */
export const wait_event_interruptible: wait_macro = (wq, condition, site) =>
  wait_for(wq, condition, INTERRUPTIBLE, site)
/** A signal that kills ends it. */
export const wait_event_killable: wait_macro = (wq, condition, site) =>
  wait_for(wq, condition, KILLABLE, site)
/** As wait_event(), for one who waits for work: never reported as hung. */
export const wait_event_idle: wait_macro = (wq, condition, site) =>
  wait_for(wq, condition, IDLE, site)
/** As wait_event_interruptible(); the machine could be suspended meanwhile. */
export const wait_event_freezable: wait_macro = (wq, condition, site) =>
  wait_for(wq, condition, FREEZABLE, site)
/** As wait_event(), for those who wait for a device. */
export const io_wait_event: wait_macro = (wq, condition, site) =>
  wait_for(wq, condition, { ...UNINTERRUPTIBLE, sleep: io_schedule }, site)

/** As wait_event_interruptible(), as one of those of whom wake_up() wakes only the first. */
export const wait_event_interruptible_exclusive: wait_macro = (wq, condition, site) =>
  wait_for(wq, condition, INTERRUPTIBLE_EXCLUSIVE, site)
/** As wait_event_killable(), as one of those of whom wake_up() wakes only the first. */
export const wait_event_killable_exclusive: wait_macro = (wq, condition, site) =>
  wait_for(wq, condition, KILLABLE_EXCLUSIVE, site)
/** As wait_event_idle(), as one of those of whom wake_up() wakes only the first. */
export const wait_event_idle_exclusive: wait_macro = (wq, condition, site) =>
  wait_for(wq, condition, IDLE_EXCLUSIVE, site)
/** As wait_event_freezable(), as one of those of whom wake_up() wakes only the first. */
export const wait_event_freezable_exclusive: wait_macro = (wq, condition, site) =>
  wait_for(wq, condition, FREEZABLE_EXCLUSIVE, site)

/** Sleep in a state of TASK_*. */
export const wait_event_state = (
  wq: wait_queue_head,
  condition: wait_condition,
  state: number,
  site?: call_site,
): MaybePromise<errno_t> => wait_for(wq, condition, { state }, site)

/** Signals do not end it. */
export const wait_event_timeout: timed_wait_macro = (wq, condition, timeout, site) =>
  wait_at_most(wq, condition, UNINTERRUPTIBLE, timeout, site)
/** A signal ends it. */
export const wait_event_interruptible_timeout: timed_wait_macro = (
  wq,
  condition,
  timeout,
  site,
) => wait_at_most(wq, condition, INTERRUPTIBLE, timeout, site)
/** A signal that kills ends it. */
export const wait_event_killable_timeout: timed_wait_macro = (
  wq,
  condition,
  timeout,
  site,
) => wait_at_most(wq, condition, KILLABLE, timeout, site)
/** As wait_event_timeout(), for one who waits for work. */
export const wait_event_idle_timeout: timed_wait_macro = (wq, condition, timeout, site) =>
  wait_at_most(wq, condition, IDLE, timeout, site)
/** As wait_event_idle_timeout(), as one of those of whom wake_up() wakes only the first. */
export const wait_event_idle_exclusive_timeout: timed_wait_macro = (
  wq,
  condition,
  timeout,
  site,
) => wait_at_most(wq, condition, IDLE_EXCLUSIVE, timeout, site)
/** As wait_event_interruptible_timeout(); the machine could be suspended meanwhile. */
export const wait_event_freezable_timeout: timed_wait_macro = (
  wq,
  condition,
  timeout,
  site,
) => wait_at_most(wq, condition, FREEZABLE, timeout, site)

/** As wait_event(), for `timeout` nanoseconds at most: 0, or -ETIME. */
export const wait_event_hrtimeout = (
  wq: wait_queue_head,
  condition: wait_condition,
  timeout: ktime_t,
  site?: call_site,
): MaybePromise<errno_t> =>
  condition() ? 0 : until(wq, condition, TASK_UNINTERRUPTIBLE, timeout, site)
/** As wait_event_hrtimeout(), but a signal ends it: -ERESTARTSYS. */
export const wait_event_interruptible_hrtimeout = (
  wq: wait_queue_head,
  condition: wait_condition,
  timeout: ktime_t,
  site?: call_site,
): MaybePromise<errno_t> =>
  condition() ? 0 : until(wq, condition, TASK_INTERRUPTIBLE, timeout, site)

async function until(
  wq: wait_queue_head,
  condition: wait_condition,
  state: number,
  timeout: ktime_t,
  site: call_site | undefined,
): Promise<errno_t> {
  const end = ktime_get() + timeout
  let over = false
  const sleep = async () => {
    over = (await schedule_hrtimeout(end, HRTIMER_MODE_ABS)) === 0
  }
  const err = await wait_for(wq, () => over || condition(), { state, sleep }, site)
  return err || (over ? -ETIME : 0)
}

/** As wait_event(), with `cmd1` before each sleep and `cmd2` after it; they may be async. */
export const wait_event_cmd = (
  wq: wait_queue_head,
  condition: wait_condition,
  cmd1: () => MaybePromise<unknown>,
  cmd2: () => MaybePromise<unknown>,
  site?: call_site,
): MaybePromise<errno_t> =>
  wait_for(wq, condition, { ...UNINTERRUPTIBLE, sleep: between(cmd1, cmd2) }, site)
/** As wait_event_cmd(), as one of those of whom wake_up() wakes only the first. */
export const wait_event_exclusive_cmd = (
  wq: wait_queue_head,
  condition: wait_condition,
  cmd1: () => MaybePromise<unknown>,
  cmd2: () => MaybePromise<unknown>,
  site?: call_site,
): MaybePromise<errno_t> =>
  wait_for(wq, condition, { ...EXCLUSIVE, sleep: between(cmd1, cmd2) }, site)

const between =
  (before: () => MaybePromise<unknown>, after: () => MaybePromise<unknown>) =>
  async (): Promise<void> => {
    await before()
    await schedule()
    await after()
  }
