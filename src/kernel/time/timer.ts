// Timers. Linux: kernel/time/timer.c.

import { HZ } from '../../include/linux/jiffies.ts'
import type { timer_list } from '../../include/linux/timer.ts'
import type { DebugObjects } from '../debugobjects.ts'
import type { ModuleCode } from '../module/code.ts'
import type { Traps } from '../panic.ts'
import type { Scheduler } from '../sched.ts'
import type { Softirqs } from '../softirq.ts'
import type { ClockEvents } from './clockevents.ts'
import type { Jiffies } from './jiffies.ts'
import { TimerWheel } from './timer_wheel.ts'

interface Needs {
  sched: Scheduler
  time: Jiffies
  clock: ClockEvents
  softirqs: Softirqs
  code: ModuleCode
  traps: Traps
  debugobjects: DebugObjects
}

export class Timers {
  static readonly EXPORT_SYMBOL = [
    'init_timer_key',
    'add_timer',
    'mod_timer',
    'mod_timer_pending',
    'timer_reduce',
    'timer_delete',
    'timer_delete_sync',
    'try_to_del_timer_sync',
  ] as const
  static readonly EXPORT_SYMBOL_GPL = [
    'add_timer_on',
    'timer_shutdown',
    'timer_shutdown_sync',
    'round_jiffies',
    'round_jiffies_relative',
    'round_jiffies_up',
    'round_jiffies_up_relative',
  ] as const

  readonly #needs: Needs
  readonly #wheel = new TimerWheel()
  readonly #tick = () => this.#interrupt()
  /** Whose function is being called. */
  #running: timer_list | undefined
  /** The tick whose turn it is next: what is late already goes off then. */
  #clk = 0
  /** Of add_timer() on one that is running; once is enough. */
  #warned = false

  constructor(needs: Needs) {
    this.#needs = needs
    needs.softirqs.open_softirq('TIMER', () => this.#run_timers())
    needs.debugobjects.watch<timer_list>({
      name: 'timer_list',
      active: () => this.#wheel,
      functionOf: timer => timer.function,
      remove: timer => this.#wheel.detach(timer),
    })
  }

  /** How many wait for their time; a call that sleeps for a while has one. */
  get pending(): number {
    return this.#wheel.size
  }

  init_timer_key<T>(
    timer: timer_list<T>,
    fn: (timer: timer_list<T>) => void,
    flags: number,
  ): void {
    if (this.#wheel.detach(timer)) this.#report('init active', timer)
    timer.function = fn
    timer.flags = flags
    timer.ready = true
  }

  add_timer(timer: timer_list): void {
    if (timer.entry) {
      this.#needs.traps.WARN_ON(!this.#warned)
      this.#warned = true
    } else this.mod_timer(timer, timer.expires)
  }

  add_timer_on(timer: timer_list, _cpu: number): void {
    this.add_timer(timer)
  }

  mod_timer(timer: timer_list, expires: number): number {
    this.#assert_init(timer)
    if (!timer.function) return 0
    const wasPending = this.#wheel.detach(timer)
    timer.expires = expires
    this.#program(this.#wheel.enqueue(timer, this.#forward_timer_base()))
    return wasPending ? 1 : 0
  }

  mod_timer_pending(timer: timer_list, expires: number): number {
    return timer.entry ? this.mod_timer(timer, expires) : 0
  }

  timer_reduce(timer: timer_list, expires: number): number {
    if (timer.entry && timer.expires <= expires) return 1
    return this.mod_timer(timer, expires)
  }

  timer_delete(timer: timer_list): number {
    this.#assert_init(timer)
    return this.#wheel.detach(timer) ? 1 : 0
  }

  try_to_del_timer_sync(timer: timer_list): number {
    return this.#running === timer ? -1 : this.timer_delete(timer)
  }

  /** On Linux a timer that waits for itself does so for ever. */
  timer_delete_sync(timer: timer_list): number {
    this.#needs.traps.WARN(
      this.#running === timer,
      'del_timer_sync() of a timer from its own function %ps\n',
      timer.function,
    )
    return this.timer_delete(timer)
  }

  timer_shutdown(timer: timer_list): number {
    timer.function = undefined
    return this.timer_delete(timer)
  }

  timer_shutdown_sync(timer: timer_list): number {
    const wasPending = this.timer_delete_sync(timer)
    timer.function = undefined
    return wasPending
  }

  round_jiffies(j: number): number {
    return this.#round(j, false)
  }

  round_jiffies_up(j: number): number {
    return this.#round(j, true)
  }

  round_jiffies_relative(j: number): number {
    const now = this.#needs.time.jiffies
    return this.#round(now + j, false) - now
  }

  round_jiffies_up_relative(j: number): number {
    const now = this.#needs.time.jiffies
    return this.#round(now + j, true) - now
  }

  /** Down to the second if not much is lost; never to what is past. */
  #round(j: number, up: boolean): number {
    const over = j % HZ
    const rounded = over < HZ / 4 && !up ? j - over : j - over + HZ
    return rounded > this.#needs.time.jiffies ? rounded : j
  }

  /** One that nobody has set up does nothing. */
  #assert_init(timer: timer_list): void {
    if (!timer.ready) this.#report('assert_init not available', timer)
  }

  #report(what: string, timer: timer_list): void {
    this.#needs.debugobjects.debug_print_object(what, 'timer_list', timer.function)
  }

  #program(tick: number): void {
    if (tick > this.#wheel.next()) return
    this.#needs.clock.program(this.#tick, this.#needs.time.beginning(tick))
  }

  /** Nothing happens at ticks without timers; then it is the present one's turn. */
  #forward_timer_base(): number {
    if (!this.#running) this.#clk = Math.max(this.#clk, this.#needs.time.jiffies)
    return this.#clk
  }

  /** The host's clock, at the top of the stack. */
  #interrupt(): void {
    const { softirqs, sched } = this.#needs
    softirqs.interrupt(() => softirqs.raise_softirq('TIMER'))
    sched.run()
  }

  /** A function that starts its timer too late has its turn at the next tick, not in this one. */
  #run_timers(): void {
    const { time } = this.#needs
    for (let tick = this.#wheel.next(); tick <= time.jiffies; tick = this.#wheel.next()) {
      this.#clk = tick + 1
      this.#expire_timers(this.#wheel.collect(tick))
    }
    this.#program(this.#wheel.next())
  }

  /** The last that was started comes first, as on Linux. Their functions may stop the others. */
  #expire_timers(timers: timer_list[]): void {
    for (const timer of timers.reverse()) {
      if (!this.#wheel.detach(timer)) continue
      this.#running = timer
      this.#call_timer_fn(timer)
      this.#running = undefined
    }
  }

  #call_timer_fn(timer: timer_list): void {
    const { sched, code, traps } = this.#needs
    const { current } = sched
    const before = current.preempt_count
    const fn = timer.function as (timer: timer_list) => void
    code.call(fn, timer)
    const after = current.preempt_count
    if (after === before) return
    traps.WARN(true, 'timer: %pS preempt leak: %08x -> %08x\n', fn, before, after)
    current.preempt_count = before
  }
}
