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
  readonly #queue = new Heap<Start>((a, b) => a.at < b.at)
  /** The start of each timer that waits. */
  readonly #starts = new Map<hrtimer, Start>()
  /** Whose functions the softirq is to call. */
  #soft: hrtimer[] = []
  readonly #counts = (start: Start) => this.#starts.get(start.timer) === start
  readonly #ring = () => this.#interrupt()

  constructor(needs: Needs) {
    this.#needs = needs
    needs.softirqs.open_softirq('HRTIMER', () => {
      for (const timer of this.#soft.splice(0)) this.#run(timer)
    })
    needs.debugobjects.watch<hrtimer>({
      name: 'hrtimer',
      active: () => this.#starts.keys(),
      functionOf: timer => timer.function,
      remove: timer => this.#dequeue(timer),
    })
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
    const { timekeeping } = this.#needs
    const at = timekeeping.ktime_get() + this.hrtimer_get_remaining(timer)
    const start = { timer, at }
    timer.queued = true
    this.#starts.set(timer, start)
    this.#queue.add(start)
    if (this.#queue.size > 2 * this.#starts.size + SOME) this.#queue.keep(this.#counts)
    if (this.#queue.first() === start) this.#program()
  }

  #dequeue(timer: hrtimer): boolean {
    timer.queued = false
    return this.#starts.delete(timer)
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

  #run_queues(): void {
    const { timekeeping, softirqs } = this.#needs
    const now = timekeeping.ktime_get()
    for (let next = this.#next(); next && next.at <= now; next = this.#next()) {
      this.#dequeue(next.timer)
      if (next.timer.is_soft) this.#soft.push(next.timer)
      else this.#run(next.timer)
    }
    if (this.#soft.length > 0) softirqs.raise_softirq('HRTIMER')
    this.#program()
  }

  #run(timer: hrtimer): void {
    timer.running = true
    const answer = this.#needs.code.call(timer.function as () => number, timer)
    timer.running = false
    if (answer === HRTIMER_RESTART && !timer.queued) this.#enqueue(timer)
  }
}
