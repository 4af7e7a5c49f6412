// Sleeping for a time. Linux: kernel/time/timer.c, kernel/time/sleep_timeout.c.

import {
  jiffies_to_msecs,
  MAX_SCHEDULE_TIMEOUT,
  msecs_to_jiffies,
} from '../../include/linux/jiffies.ts'
import { KERN_ERR } from '../../include/linux/printk.ts'
import {
  TASK_IDLE,
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
} from '../../include/linux/sched.ts'
import { timer_list } from '../../include/linux/timer.ts'
import type { Traps } from '../panic.ts'
import type { Printk } from '../printk.ts'
import type { Scheduler } from '../sched.ts'
import type { Jiffies } from './jiffies.ts'
import type { Timers } from './timer.ts'

interface Needs {
  sched: Scheduler
  time: Jiffies
  timers: Timers
  log: Printk
  traps: Traps
}

export class Timeouts {
  static readonly EXPORT_SYMBOL = [
    'schedule_timeout',
    'schedule_timeout_interruptible',
    'schedule_timeout_uninterruptible',
    'schedule_timeout_killable',
    'schedule_timeout_idle',
    'io_schedule_timeout',
    'msleep',
    'msleep_interruptible',
  ] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Sleep as the task's state says, for `timeout` ticks at most; how many were left. */
  async schedule_timeout(timeout: number): Promise<number> {
    const { sched, time, timers } = this.#needs
    if (timeout >= MAX_SCHEDULE_TIMEOUT) {
      await sched.schedule()
      return MAX_SCHEDULE_TIMEOUT
    }
    if (timeout < 0) return this.#wrong(timeout)

    const task = sched.current
    const timer = new timer_list()
    const expire = time.jiffies + timeout
    timers.init_timer_key(timer, () => void sched.wake_up_process(task), 0)
    timers.mod_timer(timer, expire)
    await sched.schedule()
    timers.timer_delete(timer)
    return Math.max(0, expire - time.jiffies)
  }

  schedule_timeout_interruptible(timeout: number): Promise<number> {
    this.#needs.sched.set_current_state(TASK_INTERRUPTIBLE)
    return this.schedule_timeout(timeout)
  }

  schedule_timeout_uninterruptible(timeout: number): Promise<number> {
    this.#needs.sched.set_current_state(TASK_UNINTERRUPTIBLE)
    return this.schedule_timeout(timeout)
  }

  schedule_timeout_killable(timeout: number): Promise<number> {
    this.#needs.sched.set_current_state(TASK_KILLABLE)
    return this.schedule_timeout(timeout)
  }

  schedule_timeout_idle(timeout: number): Promise<number> {
    this.#needs.sched.set_current_state(TASK_IDLE)
    return this.schedule_timeout(timeout)
  }

  io_schedule_timeout(timeout: number): Promise<number> {
    return this.schedule_timeout(timeout)
  }

  async msleep(msecs: number): Promise<void> {
    let timeout = msecs_to_jiffies(msecs) + 1
    while (timeout > 0) timeout = await this.schedule_timeout_uninterruptible(timeout)
  }

  /** How many milliseconds were left. */
  async msleep_interruptible(msecs: number): Promise<number> {
    const { sched } = this.#needs
    const task = sched.current
    let timeout = msecs_to_jiffies(msecs) + 1
    while (timeout > 0 && !task.signalled)
      timeout = await this.schedule_timeout_interruptible(timeout)
    return jiffies_to_msecs(timeout)
  }

  /** As on Linux, a negative time is reported and is none. */
  #wrong(timeout: number): number {
    const { sched, log, traps } = this.#needs
    log.printk(`${KERN_ERR}schedule_timeout: wrong timeout value %lx\n`, timeout)
    traps.dump_stack()
    sched.set_current_state(TASK_RUNNING)
    return 0
  }
}
