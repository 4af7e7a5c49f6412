// Locks that do not sleep. Implemented in kernel/locking/spinlock.ts. Linux: include/linux/spinlock.h.
//
// Until it lets go the holder may not sleep, so on one CPU nobody ever waits for one.
import type { Spinlocks } from '../../kernel/locking/spinlock.ts'
import type { Traps } from '../../kernel/panic.ts'
import type { call_site } from './call_site.ts'
import { LD_WAIT_SPIN, init_dep_map } from './lockdep_map.ts'
import type { debugged_lock, lock_site, lockdep_map } from './lockdep_map.ts'
import { irqs_restore, irqs_save } from './preempt_count.ts'
import type { task_struct } from './sched.ts'

declare const BUG_ON: Traps['BUG_ON']
declare const current: task_struct

/** `DEFINE_SPINLOCK(lock)` is `const lock = new spinlock()`. */
export class spinlock implements debugged_lock {
  /** @internal */
  owner: task_struct | undefined = undefined
  /** @internal */
  dep_map: lockdep_map | undefined

  constructor(site?: lock_site) {
    this.dep_map = init_dep_map(site, LD_WAIT_SPIN)
  }
}

export type spinlock_t = spinlock
export { spinlock as raw_spinlock }
export type raw_spinlock_t = spinlock

/** @internal */
export declare const __raw_spin_lock_init: Spinlocks['__raw_spin_lock_init']
/** @internal */
export declare const _raw_spin_lock: Spinlocks['_raw_spin_lock']
/** @internal */
export declare const _raw_spin_lock_bh: Spinlocks['_raw_spin_lock_bh']
/** @internal */
export declare const _raw_spin_lock_irq: Spinlocks['_raw_spin_lock_irq']
/** @internal */
export declare const _raw_spin_lock_irqsave: Spinlocks['_raw_spin_lock_irqsave']
/** @internal */
export declare const _raw_spin_trylock: Spinlocks['_raw_spin_trylock']
/** @internal */
export declare const _raw_spin_trylock_bh: Spinlocks['_raw_spin_trylock_bh']
/** @internal */
export declare const _raw_spin_unlock: Spinlocks['_raw_spin_unlock']
/** @internal */
export declare const _raw_spin_unlock_bh: Spinlocks['_raw_spin_unlock_bh']
/** @internal */
export declare const _raw_spin_unlock_irq: Spinlocks['_raw_spin_unlock_irq']
/** @internal */
export declare const _raw_spin_unlock_irqrestore: Spinlocks['_raw_spin_unlock_irqrestore']

/** Make `lock` free. */
export const spin_lock_init = (lock: spinlock, site?: call_site): void =>
  __raw_spin_lock_init(lock, site)

/** Take the lock. Until spin_unlock() the holder may not sleep. */
export const spin_lock = (lock: spinlock, site?: call_site): void =>
  _raw_spin_lock(lock, site)
export const spin_unlock = (lock: spinlock, site?: call_site): void =>
  _raw_spin_unlock(lock, site)
/** Take the lock if it is free; true if it was. */
export const spin_trylock = (lock: spinlock, site?: call_site): boolean =>
  _raw_spin_trylock(lock, site)

/** As spin_lock(), against timers and tasklets too. */
export const spin_lock_bh = (lock: spinlock, site?: call_site): void =>
  _raw_spin_lock_bh(lock, site)
export const spin_unlock_bh = (lock: spinlock, site?: call_site): void =>
  _raw_spin_unlock_bh(lock, site)
export const spin_trylock_bh = (lock: spinlock, site?: call_site): boolean =>
  _raw_spin_trylock_bh(lock, site)

/** As spin_lock(), against interrupts too, which were on. */
export const spin_lock_irq = (lock: spinlock, site?: call_site): void =>
  _raw_spin_lock_irq(lock, site)
export const spin_unlock_irq = (lock: spinlock, site?: call_site): void =>
  _raw_spin_unlock_irq(lock, site)

/** As spin_trylock(), against interrupts too, which were on. */
export function spin_trylock_irq(lock: spinlock, site?: call_site): boolean {
  irqs_save(current)
  if (_raw_spin_trylock(lock, site)) return true
  current.irqs_disabled = false
  return false
}

/**
 * As spin_lock(), against interrupts too: `const flags = spin_lock_irqsave(lock)`, for
 * spin_unlock_irqrestore().
 */
export const spin_lock_irqsave = (lock: spinlock, site?: call_site): number =>
  _raw_spin_lock_irqsave(lock, site)
/** Let go, and interrupts are as they were. */
export const spin_unlock_irqrestore = (
  lock: spinlock,
  flags: number,
  site?: call_site,
): void => _raw_spin_unlock_irqrestore(lock, flags, site)

/** As spin_lock_irqsave() if the lock is free; null if it is not. */
export function spin_trylock_irqsave(lock: spinlock, site?: call_site): number | null {
  const flags = irqs_save(current)
  if (_raw_spin_trylock(lock, site)) return flags
  irqs_restore(current, flags)
  return null
}

/** As spin_lock(), by one who holds another of the same kind: `subclass` from 1 to 7 tells them apart. */
export const spin_lock_nested = (
  lock: spinlock,
  subclass: number,
  site?: call_site,
): void => _raw_spin_lock(lock, site, subclass)
/** spin_lock_bh(), as spin_lock_nested(). */
export const spin_lock_bh_nested = (
  lock: spinlock,
  subclass: number,
  site?: call_site,
): void => _raw_spin_lock_bh(lock, site, subclass)
/** spin_lock_irqsave(), as spin_lock_nested(). */
export const spin_lock_irqsave_nested = (
  lock: spinlock,
  subclass: number,
  site?: call_site,
): number => _raw_spin_lock_irqsave(lock, site, subclass)

export const spin_is_locked = (lock: spinlock): boolean => lock.owner !== undefined
/** Does somebody wait for it? On one CPU nobody does. */
export const spin_is_contended = (_lock: spinlock): boolean => false
/** BUG() if it is not held. */
export const assert_spin_locked = (lock: spinlock): void => BUG_ON(!spin_is_locked(lock))

export {
  spin_lock_init as raw_spin_lock_init,
  spin_lock as raw_spin_lock,
  spin_lock_nested as raw_spin_lock_nested,
  spin_lock_bh as raw_spin_lock_bh,
  spin_lock_irq as raw_spin_lock_irq,
  spin_lock_irqsave as raw_spin_lock_irqsave,
  spin_trylock as raw_spin_trylock,
  spin_trylock_bh as raw_spin_trylock_bh,
  spin_trylock_irq as raw_spin_trylock_irq,
  spin_trylock_irqsave as raw_spin_trylock_irqsave,
  spin_unlock as raw_spin_unlock,
  spin_unlock_bh as raw_spin_unlock_bh,
  spin_unlock_irq as raw_spin_unlock_irq,
  spin_unlock_irqrestore as raw_spin_unlock_irqrestore,
  spin_is_locked as raw_spin_is_locked,
}
