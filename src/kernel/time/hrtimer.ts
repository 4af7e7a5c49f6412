// Timers of nanoseconds. Linux: kernel/time/hrtimer.c.

import {
  CLOCK_REALTIME,
  HRTIMER_MODE_REL,
  HRTIMER_MODE_SOFT,
  HRTIMER_RESTART,
  type hrtimer,
} from '../../include/linux/hrtimer.ts'
import { ktime_to_ns, type ktime_t } from '../../include/linux/ktime.ts'
import { NSEC_PER_MSEC } from '../../include/linux/time64.ts'
import { TK_OFFS_BOOT, TK_OFFS_REAL } from '../../include/linux/timekeeping.ts'
import { Heap } from '../../lib/heap.ts'
import type { DebugObjects } from '../debugobjects.ts'
import type { ModuleCode } from '../module/code.ts'
import type { Traps } from '../panic.ts'
import type { Scheduler } from '../sched.ts'
import type { Softirqs } from '../softirq.ts'
import type { ClockEvents } from './clockevents.ts'
import type { Timekeeping } from './timekeeping.ts'

interface Needs {
  sched: Scheduler
  clock: ClockEvents
  timekeeping: Timekeeping
  softirqs: Softirqs
  code: ModuleCode
  traps: Traps
  debugobjects: DebugObjects
}

/** Starts that no longer count stay in the queue, but no more than others and some. */
const SOME = 64

/** One start of a timer; it counts as long as it is the timer's last. */
interface Start {
  readonly timer: hrtimer
  /** Since boot, whatever the timer's clock. */
  readonly at: ktime_t
  /** Of those for the same time, the one started first is the first. */
  readonly nr: number
}

export class Hrtimers {
  static readonly EXPORT_SYMBOL_GPL = [
    'hrtimer_init',
    'hrtimer_start_range_ns',
    'hrtimer_try_to_cancel',
    'hrtimer_cancel',
    'hrtimer_active',
    'hrtimer_forward',
    'hrtimer_cb_get_time',
    'hrtimer_get_remaining',
  ] as const

  readonly #needs: Needs
  readonly #queue = new Heap<Start>(
    (a, b) => a.at < b.at || (a.at === b.at && a.nr < b.nr),
  )
  #nr = 0
  /** The start of each timer that waits. */
  readonly #starts = new Map<hrtimer, Start>()
  /** Whose time has come, and whose functions have not been called. */
  readonly #due = new Set<hrtimer>()
  readonly #counts = (start: Start) => this.#starts.get(start.timer) === start
  readonly #ring = () => this.#interrupt()

  constructor(needs: Needs) {
    this.#needs = needs
    needs.softirqs.open_softirq('HRTIMER', () => this.#run_due(true))
    needs.debugobjects.watch<hrtimer>({
      name: 'hrtimer',
      active: () => [...this.#starts.keys(), ...this.#due],
      functionOf: timer => timer.function,
      remove: timer => this.#dequeue(timer),
    })
  }

  /** How many wait for their time. */
  get pending(): number {
    return this.#starts.size + this.#due.size
  }

  hrtimer_init(timer: hrtimer, clock: number, mode: number): void {
    if (timer.queued) {
      this.#needs.debugobjects.debug_print_object(
        'init active',
        'hrtimer',
        timer.function,
      )
      this.#dequeue(timer)
    }
    timer.function = undefined
    timer.clock = clock
    timer.is_soft = (mode & HRTIMER_MODE_SOFT) !== 0
  }

  hrtimer_start_range_ns(
    timer: hrtimer,
    time: ktime_t,
    delta_ns: number | bigint,
    mode: number,
  ): void {
    const base = mode & HRTIMER_MODE_REL ? this.hrtimer_cb_get_time(timer) : 0n
    timer.expires = base + ktime_to_ns(time) + BigInt(delta_ns)
    this.#enqueue(timer)
  }

  hrtimer_try_to_cancel(timer: hrtimer): number {
    if (timer.running) return -1
    return this.#dequeue(timer) ? 1 : 0
  }

  /** On Linux a timer that waits for itself does so for ever. */
  hrtimer_cancel(timer: hrtimer): number {
    this.#needs.traps.WARN(
      timer.running,
      'hrtimer_cancel() of a timer from its own function %ps\n',
      timer.function,
    )
    return this.#dequeue(timer) ? 1 : 0
  }

  hrtimer_active(timer: hrtimer): boolean {
    return timer.queued || timer.running
  }

  hrtimer_forward(timer: hrtimer, now: ktime_t, interval: ktime_t): bigint {
    const late = now - timer.expires
    if (late < 0n || interval <= 0n) return 0n
    const overruns = late / interval + 1n
    timer.expires += overruns * interval
    return overruns
  }

  hrtimer_cb_get_time(timer: hrtimer): ktime_t {
    const offset = timer.clock === CLOCK_REALTIME ? TK_OFFS_REAL : TK_OFFS_BOOT
    return this.#needs.timekeeping.ktime_get_with_offset(offset)
  }

  hrtimer_get_remaining(timer: hrtimer): ktime_t {
    return timer.expires - this.hrtimer_cb_get_time(timer)
  }

  #enqueue(timer: hrtimer): void {
    this.#dequeue(timer)
    const start = { timer, at: this.#sinceBoot(timer), nr: this.#nr++ }
    timer.queued = true
    this.#starts.set(timer, start)
    this.#queue.add(start)
    if (this.#queue.size > 2 * this.#starts.size + SOME) this.#queue.keep(this.#counts)
    if (this.#queue.first() === start) this.#program()
  }

  /** When it goes off. The time that is left is taken first, so that this is never too early. */
  #sinceBoot(timer: hrtimer): ktime_t {
    if (timer.clock !== CLOCK_REALTIME) return timer.expires
    const left = this.hrtimer_get_remaining(timer)
    return this.#needs.timekeeping.ktime_get() + left
  }

  #dequeue(timer: hrtimer): boolean {
    timer.queued = false
    return this.#starts.delete(timer) || this.#due.delete(timer)
  }

  #program(): void {
    const { clock, timekeeping } = this.#needs
    const next = this.#next()
    if (!next) return
    const left = Number(next.at - timekeeping.ktime_get()) / NSEC_PER_MSEC
    clock.program(this.#ring, performance.now() + left)
  }

  /** The first start that still counts. */
  #next(): Start | undefined {
    for (;;) {
      const first = this.#queue.first()
      if (!first || this.#counts(first)) return first
      this.#queue.shift()
    }
  }

  /** The host's clock, at the top of the stack. */
  #interrupt(): void {
    const { softirqs, sched } = this.#needs
    softirqs.interrupt(() => this.#run_queues())
    sched.run()
  }

  /** One that is restarted without being moved has its turn the next time. */
  #run_queues(): void {
    const now = this.#needs.timekeeping.ktime_get()
    for (let next = this.#next(); next && next.at <= now; next = this.#next()) {
      this.#starts.delete(next.timer)
      this.#due.add(next.timer)
    }
    this.#run_due(false)
    if (this.#due.size > 0) this.#needs.softirqs.raise_softirq('HRTIMER')
    this.#program()
  }

  /** Their functions may stop the others. */
  #run_due(soft: boolean): void {
    for (const timer of Array.from(this.#due)) {
      if (timer.is_soft !== soft || !this.#due.has(timer)) continue
      this.#dequeue(timer)
      this.#run(timer)
    }
  }

  #run(timer: hrtimer): void {
    timer.running = true
    const answer = this.#needs.code.call(timer.function as () => number, timer)
    timer.running = false
    if (answer === HRTIMER_RESTART && !timer.queued) this.#enqueue(timer)
  }
}
