// Spinlocks. Linux: kernel/locking/spinlock.c.
//
// On one CPU a spinlock is never contended: nobody else runs until the holder sleeps, and the holder
// may not sleep. Meeting a held one is therefore always a deadlock, and reported as one.

import type { spinlock } from '../../include/linux/spinlock.ts'
import { KERN_EMERG } from '../../include/linux/printk.ts'
import type { Traps } from '../panic.ts'
import type { Printk } from '../printk.ts'
import type { Scheduler, Task } from '../sched.ts'

export class Spinlocks {
  static readonly EXPORT_SYMBOL = [
    'spin_lock_init',
    'spin_lock',
    'spin_unlock',
    'spin_trylock',
    'spin_is_locked',
    'spin_lock_irqsave',
    'spin_unlock_irqrestore',
    'spin_lock_irq',
    'spin_unlock_irq',
    'spin_lock_bh',
    'spin_unlock_bh',
  ] as const

  readonly #sched: Scheduler
  readonly #traps: Traps
  readonly #log: Printk

  constructor(sched: Scheduler, traps: Traps, log: Printk) {
    this.#sched = sched
    this.#traps = traps
    this.#log = log
  }

  spin_lock_init(lock: spinlock): void {
    lock.owner = undefined
  }

  spin_lock(lock: spinlock): void {
    if (lock.owner) this.#spin_bug('recursion')
    lock.owner = this.#sched.current
    this.#sched.current.preempt_count++
  }

  spin_unlock(lock: spinlock): void {
    const { owner } = lock
    if (!owner) this.#spin_bug('already unlocked')
    lock.owner = undefined
    // It is 0 already if the holder slept, and was told off for it.
    const holder = owner as Task
    if (holder.preempt_count > 0) holder.preempt_count--
  }

  spin_trylock(lock: spinlock): boolean {
    if (lock.owner) return false
    this.spin_lock(lock)
    return true
  }

  spin_is_locked(lock: spinlock): boolean {
    return lock.owner !== undefined
  }

  /** Returns what spin_unlock_irqrestore() wants back. */
  spin_lock_irqsave(lock: spinlock): number {
    this.spin_lock(lock)
    return 0
  }

  spin_unlock_irqrestore(lock: spinlock, _flags: number): void {
    this.spin_unlock(lock)
  }

  spin_lock_irq(lock: spinlock): void {
    this.spin_lock(lock)
  }

  spin_unlock_irq(lock: spinlock): void {
    this.spin_unlock(lock)
  }

  spin_lock_bh(lock: spinlock): void {
    this.spin_lock(lock)
  }

  spin_unlock_bh(lock: spinlock): void {
    this.spin_unlock(lock)
  }

  /** Linux would go on, into a deadlock; here the caller ends. */
  #spin_bug(what: string): never {
    const { comm, pid } = this.#sched.current
    this.#log.printk(`${KERN_EMERG}BUG: spinlock %s on CPU#0, %s/%d\n`, what, comm, pid)
    this.#traps.BUG()
  }
}
