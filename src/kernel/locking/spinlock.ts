// Spinlocks. Linux: kernel/locking/spinlock.c.
//
// On one CPU a spinlock is never contended: nobody else runs until the holder sleeps, and the holder
// may not sleep. Meeting a held one is therefore always a deadlock, and reported as one.

import type { spinlock } from '../../include/linux/spinlock.ts'
import type { Traps } from '../panic.ts'
import type { Scheduler } from '../sched.ts'

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

  constructor(sched: Scheduler, traps: Traps) {
    this.#sched = sched
    this.#traps = traps
  }

  spin_lock_init(lock: spinlock): void {
    lock.owner = undefined
  }

  spin_lock(lock: spinlock): void {
    if (lock.owner) this.#traps.BUG('spinlock recursion')
    lock.owner = this.#sched.current
    this.#sched.current.preempt_count++
  }

  spin_unlock(lock: spinlock): void {
    if (!lock.owner) this.#traps.BUG('spinlock already unlocked')
    lock.owner = undefined
    this.#sched.current.preempt_count--
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
}
