// Spinlocks for many readers or one writer. Linux: kernel/locking/spinlock.c, spinlock_debug.c.
//
// As for spinlocks, on one CPU whoever has to wait waits for ever: it is reported, and the caller ends.

import type { call_site } from '../../include/linux/call_site.ts'
import { init_dep_map, LD_WAIT_SPIN } from '../../include/linux/lockdep_map.ts'
import { irqs_restore, irqs_save } from '../../include/linux/preempt_count.ts'
import { PREEMPT_OFFSET } from '../../include/linux/preempt_mask.ts'
import { KERN_EMERG } from '../../include/linux/printk.ts'
import type { rwlock } from '../../include/linux/rwlock.ts'
import { READ_RECURSIVE, WRITE } from './held_lock.ts'
import { BH_OFFSET, Spinning } from './spinning.ts'

/** In `count`: a writer is inside. */
const WRITER = -1
export class RwLocks extends Spinning {
  static readonly EXPORT_SYMBOL = [
    '__rwlock_init',
    '_raw_read_lock',
    '_raw_read_lock_bh',
    '_raw_read_lock_irq',
    '_raw_read_lock_irqsave',
    '_raw_read_trylock',
    '_raw_read_unlock',
    '_raw_read_unlock_bh',
    '_raw_read_unlock_irq',
    '_raw_read_unlock_irqrestore',
    '_raw_write_lock',
    '_raw_write_lock_bh',
    '_raw_write_lock_irq',
    '_raw_write_lock_irqsave',
    '_raw_write_trylock',
    '_raw_write_unlock',
    '_raw_write_unlock_bh',
    '_raw_write_unlock_irq',
    '_raw_write_unlock_irqrestore',
  ] as const

  __rwlock_init(lock: rwlock, site?: call_site): void {
    lock.count = 0
    if (site) lock.dep_map = init_dep_map(site, LD_WAIT_SPIN)
  }

  _raw_read_lock(lock: rwlock, site?: call_site): void {
    this.#read(lock, PREEMPT_OFFSET, site)
  }

  _raw_read_lock_bh(lock: rwlock, site?: call_site): void {
    this.#read(lock, BH_OFFSET, site)
  }

  _raw_read_lock_irq(lock: rwlock, site?: call_site): void {
    irqs_save(this.sched.current)
    this.#read(lock, PREEMPT_OFFSET, site)
  }

  _raw_read_lock_irqsave(lock: rwlock, site?: call_site): number {
    const flags = irqs_save(this.sched.current)
    this.#read(lock, PREEMPT_OFFSET, site)
    return flags
  }

  _raw_read_trylock(lock: rwlock, site?: call_site): boolean {
    if (lock.count === WRITER) return false
    this.lockdep.acquired(lock, site, READ_RECURSIVE)
    this.sched.current.preempt_count += PREEMPT_OFFSET
    lock.count++
    return true
  }

  _raw_read_unlock(lock: rwlock, site?: call_site): void {
    this.#readUnlock(lock, PREEMPT_OFFSET, site)
  }

  _raw_read_unlock_bh(lock: rwlock, site?: call_site): void {
    this.#readUnlock(lock, BH_OFFSET, site)
  }

  _raw_read_unlock_irq(lock: rwlock, site?: call_site): void {
    this.#readUnlock(lock, PREEMPT_OFFSET, site)
    this.sched.current.irqs_disabled = false
  }

  _raw_read_unlock_irqrestore(lock: rwlock, flags: number, site?: call_site): void {
    this.#readUnlock(lock, PREEMPT_OFFSET, site)
    irqs_restore(this.sched.current, flags)
  }

  _raw_write_lock(lock: rwlock, site?: call_site): void {
    this.#write(lock, PREEMPT_OFFSET, site)
  }

  _raw_write_lock_bh(lock: rwlock, site?: call_site): void {
    this.#write(lock, BH_OFFSET, site)
  }

  _raw_write_lock_irq(lock: rwlock, site?: call_site): void {
    irqs_save(this.sched.current)
    this.#write(lock, PREEMPT_OFFSET, site)
  }

  _raw_write_lock_irqsave(lock: rwlock, site?: call_site): number {
    const flags = irqs_save(this.sched.current)
    this.#write(lock, PREEMPT_OFFSET, site)
    return flags
  }

  _raw_write_trylock(lock: rwlock, site?: call_site): boolean {
    if (lock.count !== 0) return false
    this.lockdep.acquired(lock, site)
    this.sched.current.preempt_count += PREEMPT_OFFSET
    lock.count = WRITER
    return true
  }

  _raw_write_unlock(lock: rwlock, site?: call_site): void {
    this.#writeUnlock(lock, PREEMPT_OFFSET, site)
  }

  _raw_write_unlock_bh(lock: rwlock, site?: call_site): void {
    this.#writeUnlock(lock, BH_OFFSET, site)
  }

  _raw_write_unlock_irq(lock: rwlock, site?: call_site): void {
    this.#writeUnlock(lock, PREEMPT_OFFSET, site)
    this.sched.current.irqs_disabled = false
  }

  _raw_write_unlock_irqrestore(lock: rwlock, flags: number, site?: call_site): void {
    this.#writeUnlock(lock, PREEMPT_OFFSET, site)
    irqs_restore(this.sched.current, flags)
  }

  #read(lock: rwlock, offset: number, site: call_site | undefined): void {
    this.sched.current.preempt_count += offset
    this.lockdep.acquire(lock, site, 0, READ_RECURSIVE)
    if (lock.count === WRITER) this.#recursion(lock)
    lock.count++
  }

  #readUnlock(lock: rwlock, offset: number, site: call_site | undefined): void {
    this.lockdep.release(lock, site)
    if (lock.count > 0) lock.count--
    this.enable(offset)
  }

  #write(lock: rwlock, offset: number, site: call_site | undefined): void {
    this.sched.current.preempt_count += offset
    this.lockdep.acquire(lock, site, 0, WRITE)
    if (lock.count !== 0) this.#recursion(lock)
    lock.count = WRITER
  }

  #writeUnlock(lock: rwlock, offset: number, site: call_site | undefined): void {
    this.lockdep.release(lock, site)
    if (lock.count !== WRITER && this.needs.debug_locks.off()) {
      this.#report(lock, 'already unlocked')
    }
    lock.count = 0
    this.enable(offset)
  }

  #recursion(lock: rwlock): never {
    this.#report(lock, 'recursion')
    this.spinForEver()
  }

  #report(lock: rwlock, what: string): void {
    const { log, traps } = this.needs
    const { comm, pid } = this.sched.current
    log.printk(`${KERN_EMERG}BUG: rwlock %s on CPU#0, %s/%d, %p\n`, what, comm, pid, lock)
    traps.dump_stack()
  }
}
