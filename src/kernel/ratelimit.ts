// So many messages in so much time, and no more. Linux: lib/ratelimit.c.

import { DEFAULT_RATELIMIT_BURST, ratelimit_state } from '../include/linux/ratelimit.ts'
import { RATELIMIT_MSG_ON_RELEASE } from '../include/linux/ratelimit.ts'
import { HZ } from '../include/linux/jiffies.ts'
import { KERN_WARNING } from '../include/linux/printk.ts'
import type { Printk } from './printk.ts'
import type { Sysctl } from './sysctl.ts'

/** Seconds. */
const PRINTK_INTERVAL = 5

export class Ratelimits {
  static readonly EXPORT_SYMBOL = ['___ratelimit', '__printk_ratelimit'] as const

  readonly #log: Pick<Printk, 'printk' | 'usec'>
  /** The one that all of the kernel share. */
  readonly #printk = new ratelimit_state(PRINTK_INTERVAL * HZ, DEFAULT_RATELIMIT_BURST)

  constructor(log: Pick<Printk, 'printk' | 'usec'>) {
    this.#log = log
  }

  ___ratelimit(rs: ratelimit_state, func: string): boolean {
    if (rs.interval === 0) return true
    // One tick later than it is, so that no interval begins at 0, which means none.
    const now = Math.floor((this.#log.usec() * HZ) / 1e6) + 1
    if (rs.begin === 0) rs.begin = now
    if (now > rs.begin + rs.interval) this.#beginAnew(rs, func, now)
    if (rs.burst > rs.printed) {
      rs.printed++
      return true
    }
    rs.missed++
    return false
  }

  __printk_ratelimit(func: string): boolean {
    return this.___ratelimit(this.#printk, func)
  }

  register_sysctl(sysctl: Sysctl): void {
    sysctl.register('kernel/printk_ratelimit', {
      read: () => String(this.#printk.interval / HZ),
      write: sysctl.int(n => (this.#printk.interval = n * HZ), { min: 0 }),
    })
    sysctl.register('kernel/printk_ratelimit_burst', {
      read: () => String(this.#printk.burst),
      write: sysctl.int(n => (this.#printk.burst = n), { min: 0 }),
    })
  }

  #beginAnew(rs: ratelimit_state, func: string, now: number): void {
    if (rs.missed > 0 && !(rs.flags & RATELIMIT_MSG_ON_RELEASE)) {
      const { missed } = rs
      rs.missed = 0
      this.#log.printk(`${KERN_WARNING}%s: %d callbacks suppressed\n`, func, missed)
    }
    rs.begin = now
    rs.printed = 0
  }
}
