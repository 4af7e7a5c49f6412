// The tick counter. Linux: kernel/time/jiffies.c.

import { HZ } from '../../include/linux/jiffies.ts'

/** Linux starts here to bring bugs with wrapping counters out early. */
const INITIAL_JIFFIES = 2 ** 32 - 300 * HZ

export class Jiffies {
  static readonly EXPORT_SYMBOL = ['jiffies'] as const

  readonly #bootTime: number

  /** `bootTime` on the clock of performance.now(). */
  constructor(bootTime: number) {
    this.#bootTime = bootTime
  }

  get jiffies(): number {
    return INITIAL_JIFFIES + Math.floor(this.uptime() * HZ)
  }

  /** Seconds since boot. */
  uptime(): number {
    return (performance.now() - this.#bootTime) / 1000
  }
}
