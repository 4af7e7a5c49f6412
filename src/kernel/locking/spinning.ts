// What spinlocks and rwlocks have in common: who holds one is not preempted, and on one CPU whoever has to
// wait for one waits for ever. Linux: kernel/locking/spinlock.c, spinlock_debug.c.

import { preempt_count_sub } from '../../include/linux/preempt_count.ts'
import {
  PREEMPT_OFFSET,
  SOFTIRQ_DISABLE_OFFSET,
} from '../../include/linux/preempt_mask.ts'
import type { Traps } from '../panic.ts'
import type { Printk } from '../printk.ts'
import type { Scheduler } from '../sched.ts'
import type { Softirqs } from '../softirq.ts'
import type { DebugLocks } from './debug_locks.ts'
import type { Lockdep } from './lockdep.ts'

/** A lock is held, and softirqs are off. */
export const BH_OFFSET = PREEMPT_OFFSET + SOFTIRQ_DISABLE_OFFSET

interface Needs {
  sched: Scheduler
  softirqs: Softirqs
  traps: Traps
  log: Printk
  lockdep: Lockdep
  debug_locks: DebugLocks
}

export class Spinning {
  protected readonly needs: Needs
  protected readonly sched: Scheduler
  protected readonly lockdep: Lockdep

  constructor(needs: Needs) {
    this.needs = needs
    this.sched = needs.sched
    this.lockdep = needs.lockdep
  }

  /** What came with the lock ends with it: `offset` in the preempt_count. */
  protected enable(offset: number): void {
    if (offset === BH_OFFSET) this.needs.softirqs.__local_bh_enable_ip(offset)
    else preempt_count_sub(this.sched.current, offset)
  }

  /** After the report: Linux would spin, here the caller ends. */
  protected spinForEver(): never {
    this.needs.debug_locks.off()
    this.needs.traps.BUG()
  }
}
