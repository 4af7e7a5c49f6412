// Sleeping until a condition holds, with a spinlock that is let go for each sleep. Drivers import
// '#linux/wait'. Linux: the macros of include/linux/wait.h.
//
// The caller holds the lock, and has it again afterwards; the condition is looked at under it.
import type { Scheduler } from '../../kernel/sched.ts'
import type { call_site } from './call_site.ts'
import { TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE } from './sched.ts'
import { spin_lock, spin_lock_irq, spin_unlock, spin_unlock_irq } from './spinlock.ts'
import type { spinlock } from './spinlock.ts'
import type { errno_t, MaybePromise } from './types.ts'
import { wait_until, wait_until_timeout } from './wait_loop.ts'
import type { wait_around, wait_condition } from './wait_loop.ts'
import { WQ_FLAG_EXCLUSIVE } from './wait_queue.ts'
import type { wait_queue_head } from './wait_queue.ts'

declare const schedule: Scheduler['schedule']

/** As wait_event(), holding `lock`, with interrupts off. */
export const wait_event_lock_irq = (
  wq: wait_queue_head,
  condition: wait_condition,
  lock: spinlock,
  site?: call_site,
): MaybePromise<errno_t> =>
  holding_irq(wq, condition, lock, TASK_UNINTERRUPTIBLE, nothing, site)

/** As wait_event_lock_irq(), with `cmd` before each sleep, without the lock; it may be async. */
export const wait_event_lock_irq_cmd = (
  wq: wait_queue_head,
  condition: wait_condition,
  lock: spinlock,
  cmd: () => MaybePromise<unknown>,
  site?: call_site,
): MaybePromise<errno_t> =>
  holding_irq(wq, condition, lock, TASK_UNINTERRUPTIBLE, cmd, site)

/** As wait_event_lock_irq(), but a signal ends it: -ERESTARTSYS. */
export const wait_event_interruptible_lock_irq = (
  wq: wait_queue_head,
  condition: wait_condition,
  lock: spinlock,
  site?: call_site,
): MaybePromise<errno_t> =>
  holding_irq(wq, condition, lock, TASK_INTERRUPTIBLE, nothing, site)

/** As wait_event_lock_irq_cmd(), but a signal ends it: -ERESTARTSYS. */
export const wait_event_interruptible_lock_irq_cmd = (
  wq: wait_queue_head,
  condition: wait_condition,
  lock: spinlock,
  cmd: () => MaybePromise<unknown>,
  site?: call_site,
): MaybePromise<errno_t> =>
  holding_irq(wq, condition, lock, TASK_INTERRUPTIBLE, cmd, site)

/** As wait_event_lock_irq(), for `timeout` ticks at most; returns as wait_event_timeout(). */
export const wait_event_lock_irq_timeout = (
  wq: wait_queue_head,
  condition: wait_condition,
  lock: spinlock,
  timeout: number,
  site?: call_site,
): MaybePromise<number> =>
  wait_until_timeout(
    wq,
    condition,
    { state: TASK_UNINTERRUPTIBLE },
    timeout,
    without_irq(lock, site),
  )

/** As wait_event_lock_irq_timeout(), but a signal ends it: -ERESTARTSYS. */
export const wait_event_interruptible_lock_irq_timeout = (
  wq: wait_queue_head,
  condition: wait_condition,
  lock: spinlock,
  timeout: number,
  site?: call_site,
): MaybePromise<number> =>
  wait_until_timeout(
    wq,
    condition,
    { state: TASK_INTERRUPTIBLE },
    timeout,
    without_irq(lock, site),
  )

/** As wait_event_interruptible(), holding the queue's own lock. */
export const wait_event_interruptible_locked = (
  wq: wait_queue_head,
  condition: wait_condition,
  site?: call_site,
): MaybePromise<errno_t> => holding_own(wq, condition, 0, without(wq.lock, site))

/** As wait_event_interruptible_locked(), with interrupts off. */
export const wait_event_interruptible_locked_irq = (
  wq: wait_queue_head,
  condition: wait_condition,
  site?: call_site,
): MaybePromise<errno_t> => holding_own(wq, condition, 0, without_irq(wq.lock, site))

/** As wait_event_interruptible_locked(), as one of those of whom wake_up() wakes only the first. */
export const wait_event_interruptible_exclusive_locked = (
  wq: wait_queue_head,
  condition: wait_condition,
  site?: call_site,
): MaybePromise<errno_t> =>
  holding_own(wq, condition, WQ_FLAG_EXCLUSIVE, without(wq.lock, site))

/** As wait_event_interruptible_exclusive_locked(), with interrupts off. */
export const wait_event_interruptible_exclusive_locked_irq = (
  wq: wait_queue_head,
  condition: wait_condition,
  site?: call_site,
): MaybePromise<errno_t> =>
  holding_own(wq, condition, WQ_FLAG_EXCLUSIVE, without_irq(wq.lock, site))

const nothing = (): void => {}

function holding_irq(
  wq: wait_queue_head,
  condition: wait_condition,
  lock: spinlock,
  state: number,
  cmd: () => MaybePromise<unknown>,
  site: call_site | undefined,
): MaybePromise<errno_t> {
  const around = without_irq(lock, site)
  const sleep = () =>
    around(async () => {
      await cmd()
      await schedule()
    })
  return wait_until(wq, condition, { state, sleep })
}

function holding_own(
  wq: wait_queue_head,
  condition: wait_condition,
  flags: number,
  around: wait_around,
): MaybePromise<errno_t> {
  const sleep = () => around(schedule)
  return wait_until(wq, condition, { state: TASK_INTERRUPTIBLE, flags, sleep })
}

const without =
  (lock: spinlock, site: call_site | undefined): wait_around =>
  async sleep => {
    spin_unlock(lock, site)
    const slept = await sleep()
    spin_lock(lock, site)
    return slept
  }

const without_irq =
  (lock: spinlock, site: call_site | undefined): wait_around =>
  async sleep => {
    spin_unlock_irq(lock, site)
    const slept = await sleep()
    spin_lock_irq(lock, site)
    return slept
  }
