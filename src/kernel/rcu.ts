// RCU: when nobody reads any more what was replaced. Linux: kernel/rcu/tree.c, update.c.
//
// Readers do not sleep, so on one CPU none of them is in the middle of it when the next tick comes.

import { completion } from '../include/linux/completion.ts'
import type { rcu_head } from '../include/linux/rcupdate.ts'
import { timer_list } from '../include/linux/timer.ts'
import type { Completions } from './completion.ts'
import type { ModuleCode } from './module/code.ts'
import type { Traps } from './panic.ts'
import type { Scheduler } from './sched.ts'
import type { Softirqs } from './softirq.ts'
import type { Jiffies } from './time/jiffies.ts'
import type { Timers } from './time/timer.ts'

interface Needs {
  sched: Scheduler
  traps: Traps
  completions: Completions
  softirqs: Softirqs
  timers: Timers
  time: Jiffies
  code: ModuleCode
}

interface Callback {
  readonly head: rcu_head
  readonly func: (head: rcu_head) => void
}

export class Rcu {
  static readonly EXPORT_SYMBOL_GPL = [
    'call_rcu',
    'synchronize_rcu',
    'rcu_barrier',
  ] as const

  readonly #needs: Needs
  readonly #tick = new timer_list()
  #waiting: Callback[] = []
  #warned = false

  constructor(needs: Needs) {
    this.#needs = needs
    const { sched, timers, softirqs } = needs
    sched.onRcuSleep = () => this.#warnOfSleep()
    timers.init_timer_key(this.#tick, () => softirqs.raise_softirq('RCU'), 0)
    softirqs.open_softirq('RCU', () => this.#do_batch())
  }

  call_rcu(head: rcu_head, func: (head: rcu_head) => void): void {
    const { timers, time } = this.#needs
    if (this.#waiting.length === 0) timers.mod_timer(this.#tick, time.jiffies + 1)
    this.#waiting.push({ head, func })
  }

  async synchronize_rcu(): Promise<void> {
    const { completions } = this.#needs
    const done = new completion()
    this.call_rcu({ func: undefined }, () => completions.complete(done))
    await completions.wait_for_completion(done)
  }

  /** Callbacks are called in their order, so one more is the last of all there are. */
  rcu_barrier(): Promise<void> {
    return this.synchronize_rcu()
  }

  #warnOfSleep(): void {
    if (this.#warned) return
    this.#warned = true
    this.#needs.traps.WARN(
      true,
      'Voluntary context switch within RCU read-side critical section!',
    )
  }

  #do_batch(): void {
    const batch = this.#waiting
    this.#waiting = []
    for (const { head, func } of batch) this.#needs.code.call(func, head)
  }
}
