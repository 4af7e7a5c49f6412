// Work that is queued when a time has passed. Linux: kernel/workqueue.c.

import type { timer_list } from '../include/linux/timer.ts'
import type { delayed_work, workqueue_struct } from '../include/linux/workqueue.ts'
import type { DebugObjects } from './debugobjects.ts'
import type { Jiffies } from './time/jiffies.ts'
import type { Timers } from './time/timer.ts'
import type { Works } from './work.ts'

interface Needs {
  works: Works
  timers: Timers
  time: Jiffies
  debugobjects: DebugObjects
}

export class DelayedWorks {
  static readonly EXPORT_SYMBOL = [
    'queue_delayed_work_on',
    'flush_delayed_work',
    'cancel_delayed_work',
    'cancel_delayed_work_sync',
  ] as const
  static readonly EXPORT_SYMBOL_GPL = ['mod_delayed_work_on'] as const

  readonly #needs: Needs
  /** Those whose time has not come. */
  readonly #waiting = new Set<delayed_work>()

  constructor(needs: Needs) {
    this.#needs = needs
    needs.debugobjects.watch<delayed_work>({
      name: 'timer_list',
      active: () => this.#waiting,
      functionOf: dwork => dwork.work.func,
      remove: dwork => this.cancel_delayed_work(dwork),
    })
  }

  queue_delayed_work_on(
    _cpu: number,
    wq: workqueue_struct,
    dwork: delayed_work,
    delay: number,
  ): boolean {
    if (!this.#needs.works.claim(dwork.work)) return false
    this.#start(wq, dwork, delay)
    return true
  }

  mod_delayed_work_on(
    _cpu: number,
    wq: workqueue_struct,
    dwork: delayed_work,
    delay: number,
  ): boolean {
    const wasPending = this.cancel_delayed_work(dwork)
    if (this.#needs.works.claim(dwork.work)) this.#start(wq, dwork, delay)
    return wasPending
  }

  flush_delayed_work(dwork: delayed_work): Promise<boolean> {
    if (this.#stop(dwork)) this.#queue(dwork)
    return this.#needs.works.flush_work(dwork.work)
  }

  cancel_delayed_work(dwork: delayed_work): boolean {
    if (!this.#stop(dwork)) return this.#needs.works.cancel_work(dwork.work)
    dwork.work.pending = false
    return true
  }

  async cancel_delayed_work_sync(dwork: delayed_work): Promise<boolean> {
    const wasPending = this.cancel_delayed_work(dwork)
    await this.#needs.works.cancel_work_sync(dwork.work)
    return wasPending
  }

  /** Its work has been claimed. */
  #start(wq: workqueue_struct, dwork: delayed_work, delay: number): void {
    const { timers, time } = this.#needs
    const timer = dwork.timer as timer_list
    dwork.wq = wq
    if (delay === 0) return this.#queue(dwork)
    if (!timer.ready) timers.init_timer_key(timer, () => this.#timer_fn(dwork), 0)
    this.#waiting.add(dwork)
    timers.mod_timer(timer, time.jiffies + delay)
  }

  #stop(dwork: delayed_work): boolean {
    return (
      this.#waiting.delete(dwork) && this.#needs.timers.timer_delete(dwork.timer) !== 0
    )
  }

  #timer_fn(dwork: delayed_work): void {
    this.#waiting.delete(dwork)
    this.#queue(dwork)
  }

  #queue({ wq, work }: delayed_work): void {
    if (wq) this.#needs.works.__queue_work(wq, work)
  }
}
