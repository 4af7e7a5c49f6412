// The clocks of the machine. Linux: kernel/time/timekeeping.c.

import { TICK_NSEC } from '../../include/linux/jiffies.ts'
import type { ktime_t } from '../../include/linux/ktime.ts'
import {
  NSEC_PER_MSEC,
  NSEC_PER_SEC,
  ns_to_timespec64,
  type timespec64,
} from '../../include/linux/time64.ts'
import { TK_OFFS_REAL } from '../../include/linux/timekeeping.ts'

const TICK = BigInt(TICK_NSEC)

export class Timekeeping {
  static readonly EXPORT_SYMBOL = [
    'ktime_get_real_ts64',
    'ktime_get_coarse_real_ts64',
    'ktime_get_coarse_ts64',
    'get_cycles',
  ] as const
  static readonly EXPORT_SYMBOL_GPL = [
    'ktime_get',
    'ktime_get_raw',
    'ktime_get_with_offset',
    'ktime_get_coarse_with_offset',
    'ktime_get_seconds',
    'ktime_get_real_seconds',
    'ktime_get_ts64',
  ] as const

  readonly #bootTime: number
  /** From performance.now() to the time of day, in milliseconds. */
  #toReal = performance.timeOrigin

  /** `bootTime` on the clock of performance.now(). */
  constructor(bootTime: number) {
    this.#bootTime = bootTime
  }

  ktime_get(): ktime_t {
    return nanoseconds(performance.now() - this.#bootTime)
  }

  ktime_get_raw(): ktime_t {
    return this.ktime_get()
  }

  /** `offs`: TK_OFFS_*. */
  ktime_get_with_offset(offs: number): ktime_t {
    return offs === TK_OFFS_REAL ? this.#real() : this.ktime_get()
  }

  ktime_get_coarse_with_offset(offs: number): ktime_t {
    return lastTick(this.ktime_get_with_offset(offs))
  }

  ktime_get_seconds(): number {
    return Math.floor((performance.now() - this.#bootTime) / 1000)
  }

  ktime_get_real_seconds(): number {
    return Math.floor(Date.now() / 1000)
  }

  ktime_get_ts64(ts: timespec64): void {
    Object.assign(ts, ns_to_timespec64(this.ktime_get()))
  }

  ktime_get_real_ts64(ts: timespec64): void {
    Object.assign(ts, ns_to_timespec64(this.#real()))
  }

  ktime_get_coarse_ts64(ts: timespec64): void {
    Object.assign(ts, ns_to_timespec64(lastTick(this.ktime_get())))
  }

  ktime_get_coarse_real_ts64(ts: timespec64): void {
    Object.assign(ts, ns_to_timespec64(lastTick(this.#real())))
  }

  /** The counter of this CPU goes at 1 GHz. */
  get_cycles(): bigint {
    return nanoseconds(performance.now())
  }

  /**
   * The host says the time of day in milliseconds only. What is below comes from the other clock,
   * whose distance to this one changes when the host's clock is set.
   */
  #real(): ktime_t {
    const now = performance.now()
    const wall = Date.now()
    const guess = now + this.#toReal
    if (guess < wall) this.#toReal = wall - now
    if (guess >= wall + 1) this.#toReal = wall + 0.999999 - now
    const below = Math.floor((now + this.#toReal - wall) * NSEC_PER_MSEC)
    const ns = Math.min(Math.max(below, 0), NSEC_PER_MSEC - 1)
    return BigInt(wall) * BigInt(NSEC_PER_MSEC) + BigInt(ns)
  }
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * (NSEC_PER_SEC / 1000)))
}

function lastTick(time: ktime_t): ktime_t {
  return time - (time % TICK)
}
