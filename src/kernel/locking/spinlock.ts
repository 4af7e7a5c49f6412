// Spinlocks. Linux: kernel/locking/spinlock.c, spinlock_debug.c.
//
// On one CPU a spinlock is never contended: nobody else runs until the holder sleeps, and the holder
// may not sleep. Meeting a held one is therefore always a deadlock. Linux would spin for ever; here it
// is reported, and the caller ends.

import type { call_site } from '../../include/linux/call_site.ts'
import { init_dep_map, LD_WAIT_SPIN } from '../../include/linux/lockdep_map.ts'
import { irqs_restore, irqs_save } from '../../include/linux/preempt_count.ts'
import { PREEMPT_OFFSET } from '../../include/linux/preempt_mask.ts'
import { KERN_EMERG } from '../../include/linux/printk.ts'
import type { task_struct } from '../../include/linux/sched.ts'
import type { spinlock } from '../../include/linux/spinlock.ts'
import type { Task } from '../sched.ts'
import { BH_OFFSET, Spinning } from './spinning.ts'

const SPINLOCK_MAGIC = 0xdead4ead

export class Spinlocks extends Spinning {
  static readonly EXPORT_SYMBOL = [
    '__raw_spin_lock_init',
    '_raw_spin_lock',
    '_raw_spin_lock_bh',
    '_raw_spin_lock_irq',
    '_raw_spin_lock_irqsave',
    '_raw_spin_trylock',
    '_raw_spin_trylock_bh',
    '_raw_spin_unlock',
    '_raw_spin_unlock_bh',
    '_raw_spin_unlock_irq',
    '_raw_spin_unlock_irqrestore',
  ] as const

  __raw_spin_lock_init(lock: spinlock, site?: call_site): void {
    lock.owner = undefined
    if (site) lock.dep_map = init_dep_map(site, LD_WAIT_SPIN)
  }

  _raw_spin_lock(lock: spinlock, site?: call_site, subclass = 0): void {
    this.#lock(lock, PREEMPT_OFFSET, site, subclass)
  }

  _raw_spin_lock_bh(lock: spinlock, site?: call_site, subclass = 0): void {
    this.#lock(lock, BH_OFFSET, site, subclass)
  }

  _raw_spin_lock_irq(lock: spinlock, site?: call_site, subclass = 0): void {
    irqs_save(this.sched.current)
    this.#lock(lock, PREEMPT_OFFSET, site, subclass)
  }

  /** Returns what spin_unlock_irqrestore() wants back. */
  _raw_spin_lock_irqsave(lock: spinlock, site?: call_site, subclass = 0): number {
    const flags = irqs_save(this.sched.current)
    this.#lock(lock, PREEMPT_OFFSET, site, subclass)
    return flags
  }

  _raw_spin_trylock(lock: spinlock, site?: call_site): boolean {
    return this.#trylock(lock, PREEMPT_OFFSET, site)
  }

  _raw_spin_trylock_bh(lock: spinlock, site?: call_site): boolean {
    return this.#trylock(lock, BH_OFFSET, site)
  }

  _raw_spin_unlock(lock: spinlock, site?: call_site): void {
    this.#unlock(lock, PREEMPT_OFFSET, site)
  }

  _raw_spin_unlock_bh(lock: spinlock, site?: call_site): void {
    this.#unlock(lock, BH_OFFSET, site)
  }

  _raw_spin_unlock_irq(lock: spinlock, site?: call_site): void {
    this.#unlock(lock, PREEMPT_OFFSET, site)
    this.sched.current.irqs_disabled = false
  }

  _raw_spin_unlock_irqrestore(lock: spinlock, flags: number, site?: call_site): void {
    this.#unlock(lock, PREEMPT_OFFSET, site)
    irqs_restore(this.sched.current, flags)
  }

  #lock(
    lock: spinlock,
    offset: number,
    site: call_site | undefined,
    subclass: number,
  ): void {
    const task = this.sched.current
    task.preempt_count += offset
    this.lockdep.acquire(lock, site, subclass)
    if (lock.owner !== undefined) this.#recursion(lock, task)
    lock.owner = task
  }

  #trylock(lock: spinlock, offset: number, site: call_site | undefined): boolean {
    if (lock.owner) return false
    const task = this.sched.current
    task.preempt_count += offset
    this.lockdep.acquired(lock, site)
    lock.owner = task
    return true
  }

  #unlock(lock: spinlock, offset: number, site: call_site | undefined): void {
    this.lockdep.release(lock, site)
    const { owner } = lock
    const task = this.sched.current
    if (!owner) this.#spin_bug(lock, 'already unlocked')
    else if (!isSameThread(owner, task)) this.#spin_bug(lock, 'wrong owner')
    lock.owner = undefined
    this.enable(offset)
  }

  #recursion(lock: spinlock, task: Task): never {
    this.#spin_dump(lock, isSameThread(lock.owner, task) ? 'recursion' : 'cpu recursion')
    this.spinForEver()
  }

  #spin_bug(lock: spinlock, what: string): void {
    if (this.needs.debug_locks.off()) this.#spin_dump(lock, what)
  }

  #spin_dump(lock: spinlock, what: string): void {
    const { log, traps, sched } = this.needs
    const { owner } = lock
    const { comm, pid } = sched.current
    const say = (fmt: string, ...args: unknown[]) =>
      log.printk(`${KERN_EMERG}${fmt}\n`, ...args)
    say('BUG: spinlock %s on CPU#0, %s/%d', what, comm, pid)
    say(
      ' lock: %pS, .magic: %08x, .owner: %s/%d, .owner_cpu: %d',
      lock,
      SPINLOCK_MAGIC,
      owner?.comm ?? '<none>',
      owner?.pid ?? -1,
      owner ? 0 : -1,
    )
    traps.dump_stack()
  }
}

/** A thread is another task in each of its calls. */
function isSameThread(a: task_struct | undefined, b: task_struct): boolean {
  return a === b || a?.pid === b.pid
}
