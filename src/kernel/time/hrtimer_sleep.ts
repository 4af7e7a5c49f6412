// Sleeping for nanoseconds. Linux: kernel/time/hrtimer.c.

import {
  CLOCK_MONOTONIC,
  HRTIMER_MODE_REL,
  HRTIMER_NORESTART,
  hrtimer,
} from '../../include/linux/hrtimer.ts'
import { KTIME_MAX, type ktime_t, us_to_ktime } from '../../include/linux/ktime.ts'
import { EINTR } from '../../include/linux/errno.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { Scheduler } from '../sched.ts'
import type { Hrtimers } from './hrtimer.ts'

export class HrtimerSleeps {
  static readonly EXPORT_SYMBOL = ['usleep_range_state'] as const
  static readonly EXPORT_SYMBOL_GPL = [
    'schedule_hrtimeout',
    'schedule_hrtimeout_range',
  ] as const

  readonly #sched: Scheduler
  readonly #hrtimers: Hrtimers

  constructor(sched: Scheduler, hrtimers: Hrtimers) {
    this.#sched = sched
    this.#hrtimers = hrtimers
  }

  /** Sleep as the task's state says, until `expires`: 0, or -EINTR if something else woke it. */
  async schedule_hrtimeout_range(
    expires: ktime_t | null,
    delta: number | bigint,
    mode: number,
  ): Promise<errno_t> {
    if (expires === null || expires === KTIME_MAX) {
      await this.#sched.schedule()
      return -EINTR
    }
    const task = this.#sched.current
    let over = false
    const timer = new hrtimer()
    this.#hrtimers.hrtimer_init(timer, CLOCK_MONOTONIC, mode)
    timer.function = () => {
      over = true
      this.#sched.wake_up_process(task)
      return HRTIMER_NORESTART
    }
    this.#hrtimers.hrtimer_start_range_ns(timer, expires, delta, mode)
    await this.#sched.schedule()
    this.#hrtimers.hrtimer_cancel(timer)
    return over ? 0 : -EINTR
  }

  schedule_hrtimeout(expires: ktime_t | null, mode: number): Promise<errno_t> {
    return this.schedule_hrtimeout_range(expires, 0, mode)
  }

  /** Sleep in `state`, at least `min` microseconds; later than `max` only if the host is. */
  async usleep_range_state(min: number, _max: number, state: number): Promise<void> {
    const end = performance.now() + min / 1000
    for (let left = min; left > 0; left = (end - performance.now()) * 1000) {
      this.#sched.set_current_state(state)
      await this.schedule_hrtimeout(us_to_ktime(Math.ceil(left)), HRTIMER_MODE_REL)
    }
  }
}
