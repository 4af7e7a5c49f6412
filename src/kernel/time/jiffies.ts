// The tick counter. Linux: kernel/time/jiffies.c.

import { HZ } from '../../include/linux/jiffies.ts'

/** Linux starts here to bring bugs with wrapping counters out early. */
const INITIAL_JIFFIES = 2 ** 32 - 300 * HZ

const MS_PER_TICK = 1000 / HZ

export class Jiffies {
  static readonly EXPORT_SYMBOL = ['jiffies', 'jiffies_64'] as const

  readonly #bootTime: number

  /** `bootTime` on the clock of performance.now(). */
  constructor(bootTime: number) {
    this.#bootTime = bootTime
  }

  get jiffies(): number {
    const ms = performance.now() - this.#bootTime
    return INITIAL_JIFFIES + Math.floor(ms / MS_PER_TICK)
  }

  get jiffies_64(): number {
    return this.jiffies
  }

  /** When the tick `j` begins, on the clock of performance.now(). */
  beginning(j: number): number {
    return this.#bootTime + (j - INITIAL_JIFFIES) * MS_PER_TICK
  }

  /** Seconds since boot. */
  uptime(): number {
    return (performance.now() - this.#bootTime) / 1000
  }
}
