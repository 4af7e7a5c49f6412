// Sleeping for a time. Linux: kernel/time/timer.c, kernel/time/sleep_timeout.c.

import { HZ } from '../../include/linux/jiffies.ts'
import { TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE } from '../../include/linux/sched.ts'
import type { Scheduler } from '../sched.ts'

const MS_PER_TICK = 1000 / HZ

export class Timers {
  static readonly EXPORT_SYMBOL = [
    'schedule_timeout',
    'schedule_timeout_interruptible',
    'schedule_timeout_uninterruptible',
    'msleep',
    'msleep_interruptible',
    'ssleep',
    'mdelay',
    'udelay',
  ] as const

  readonly #sched: Scheduler

  constructor(sched: Scheduler) {
    this.#sched = sched
  }

  async schedule_timeout(timeout: number): Promise<number> {
    return Math.ceil((await this.#sleep(timeout * MS_PER_TICK)) / MS_PER_TICK)
  }

  schedule_timeout_interruptible(timeout: number): Promise<number> {
    this.#sched.set_current_state(TASK_INTERRUPTIBLE)
    return this.schedule_timeout(timeout)
  }

  schedule_timeout_uninterruptible(timeout: number): Promise<number> {
    this.#sched.set_current_state(TASK_UNINTERRUPTIBLE)
    return this.schedule_timeout(timeout)
  }

  async msleep(msecs: number): Promise<void> {
    for (let left = msecs; left > 0;) {
      this.#sched.set_current_state(TASK_UNINTERRUPTIBLE)
      left = await this.#sleep(left)
    }
  }

  async msleep_interruptible(msecs: number): Promise<number> {
    const task = this.#sched.current
    let left = msecs
    while (left > 0 && !task.signalled) {
      this.#sched.set_current_state(TASK_INTERRUPTIBLE)
      left = await this.#sleep(left)
    }
    return Math.ceil(left)
  }

  ssleep(seconds: number): Promise<void> {
    return this.msleep(seconds * 1000)
  }

  mdelay(msecs: number): void {
    const end = performance.now() + msecs
    while (performance.now() < end);
  }

  udelay(usecs: number): void {
    this.mdelay(usecs / 1000)
  }

  /** One sleep in the task's state; how many milliseconds were left when it was woken. */
  async #sleep(msecs: number): Promise<number> {
    const task = this.#sched.current
    const end = performance.now() + msecs
    // The host's timers may go off a little early, Linux's never do.
    const expire = () => {
      const left = end - performance.now()
      if (left > 0) timer = setTimeout(expire, Math.ceil(left))
      else this.#sched.wake_up_process(task)
    }
    let timer = setTimeout(expire, Math.ceil(msecs))
    await this.#sched.schedule()
    clearTimeout(timer)
    return Math.max(0, end - performance.now())
  }
}
