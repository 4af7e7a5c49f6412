// Interrupts and what they leave for later. Linux: kernel/softirq.c.
//
// An interrupt runs in front of whoever is current. When it ends, so do the softirqs that were
// raised meanwhile; those raised elsewhere, and those that raise themselves again and again, are
// run by the thread ksoftirqd/0.

import { preempt_count_sub } from '../include/linux/preempt_count.ts'
import {
  HARDIRQ_OFFSET,
  HARDIRQ_MASK,
  NMI_MASK,
  SOFTIRQ_MASK,
  SOFTIRQ_OFFSET,
} from '../include/linux/preempt_mask.ts'
import { TASK_INTERRUPTIBLE, type task_struct } from '../include/linux/sched.ts'
import type { Kthreads } from './kthread.ts'
import type { Scheduler } from './sched.ts'

/** In the order in which they run. */
const NAMES = [
  'HI',
  'TIMER',
  'NET_TX',
  'NET_RX',
  'BLOCK',
  'IRQ_POLL',
  'TASKLET',
  'SCHED',
  'HRTIMER',
  'RCU',
] as const

export type SoftirqName = (typeof NAMES)[number]

/** How often those raised meanwhile are run at once. */
const MAX_SOFTIRQ_RESTART = 10

const INTERRUPT = NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK

export class Softirqs {
  static readonly EXPORT_SYMBOL = ['__local_bh_enable_ip'] as const

  readonly #sched: Scheduler
  readonly #actions: (() => void)[] = NAMES.map(() => () => {})
  readonly #counts: number[] = NAMES.map(() => 0)
  readonly #interrupts: (() => void)[] = []
  /** A bit for each that is raised. */
  #pending = 0
  #ksoftirqd: task_struct | undefined

  constructor(sched: Scheduler) {
    this.#sched = sched
  }

  open_softirq(name: SoftirqName, action: () => void): void {
    this.#actions[NAMES.indexOf(name)] = action
  }

  raise_softirq(name: SoftirqName): void {
    this.#pending |= 1 << NAMES.indexOf(name)
    if (!this.#inInterrupt) this.#wakeup_softirqd()
  }

  /**
   * An interrupt: now, or when the one that is being handled is over, or, if interrupts are off, when
   * nobody runs. `handler` does not throw.
   */
  interrupt(handler: () => void): void {
    this.#interrupts.push(handler)
    const { current } = this.#sched
    if (current.preempt_count & HARDIRQ_MASK) return
    if (current.irqs_disabled) setImmediate(() => this.#handleAll())
    else this.#handleAll()
  }

  /** The end of local_bh_disable(), which took `cnt`. */
  __local_bh_enable_ip(cnt: number): void {
    preempt_count_sub(this.#sched.current, cnt)
    this.#invoke()
  }

  spawn_ksoftirqd(kthreads: Kthreads): void {
    const fn = () => this.#run_ksoftirqd()
    this.#ksoftirqd = kthreads.kthread_create_on_node(fn, null, 0, 'ksoftirqd/0')
    this.#sched.wake_up_process(this.#ksoftirqd)
  }

  /** The text of /proc/softirqs. */
  show(): string {
    const rows = NAMES.map((name, nr) => {
      const count = String(this.#counts[nr]).padStart(10)
      return `${name.padStart(12)}: ${count}\n`
    })
    return `${' '.repeat(20)}CPU0    \n${rows.join('')}`
  }

  get #inInterrupt(): boolean {
    return (this.#sched.current.preempt_count & INTERRUPT) !== 0
  }

  #handleAll(): void {
    for (let next = this.#interrupts.shift(); next; next = this.#interrupts.shift())
      this.#handle(next)
    this.#invoke()
  }

  /** Interrupts are off meanwhile. */
  #handle(handler: () => void): void {
    const { current } = this.#sched
    const before = current.irqs_disabled
    current.irqs_disabled = true
    this.#in(HARDIRQ_OFFSET, handler)
    current.irqs_disabled = before
  }

  #invoke(): void {
    if (this.#pending === 0 || this.#inInterrupt) return
    this.#do_softirq()
    if (this.#pending !== 0) this.#wakeup_softirqd()
  }

  #do_softirq(): void {
    this.#in(SOFTIRQ_OFFSET, () => {
      for (let n = 0; n < MAX_SOFTIRQ_RESTART && this.#pending !== 0; n++) {
        const pending = this.#pending
        this.#pending = 0
        for (const [nr, action] of this.#actions.entries()) {
          if ((pending & (1 << nr)) === 0) continue
          this.#counts[nr] = (this.#counts[nr] ?? 0) + 1
          action()
        }
      }
    })
  }

  /** Whoever slept in there, and was told off for it, leaves the count as it was. */
  #in(offset: number, call: () => void): void {
    const { current } = this.#sched
    const before = current.preempt_count
    current.preempt_count = before + offset
    call()
    current.preempt_count = before
  }

  #wakeup_softirqd(): void {
    if (this.#ksoftirqd) this.#sched.wake_up_process(this.#ksoftirqd)
  }

  async #run_ksoftirqd(): Promise<number> {
    for (;;) {
      if (this.#pending !== 0) this.#do_softirq()
      else this.#sched.set_current_state(TASK_INTERRUPTIBLE)
      await this.#sched.schedule()
    }
  }
}
