// Spinlocks for many readers or one writer. Implemented in kernel/locking/rwlock.ts.
// Linux: include/linux/rwlock.h.
import type { RwLocks } from '../../kernel/locking/rwlock.ts'
import type { call_site } from './call_site.ts'
import { LD_WAIT_SPIN, init_dep_map } from './lockdep_map.ts'
import type { debugged_lock, lock_site, lockdep_map } from './lockdep_map.ts'

/** `DEFINE_RWLOCK(lock)` is `const lock = new rwlock()`. */
export class rwlock implements debugged_lock {
  /** @internal readers inside; -1: a writer */
  count = 0
  /** @internal */
  dep_map: lockdep_map | undefined

  constructor(site?: lock_site) {
    this.dep_map = init_dep_map(site, LD_WAIT_SPIN)
  }
}

export type rwlock_t = rwlock

/** @internal */
export declare const __rwlock_init: RwLocks['__rwlock_init']
/** @internal */
export declare const _raw_read_lock: RwLocks['_raw_read_lock']
/** @internal */
export declare const _raw_read_lock_bh: RwLocks['_raw_read_lock_bh']
/** @internal */
export declare const _raw_read_lock_irq: RwLocks['_raw_read_lock_irq']
/** @internal */
export declare const _raw_read_lock_irqsave: RwLocks['_raw_read_lock_irqsave']
/** @internal */
export declare const _raw_read_trylock: RwLocks['_raw_read_trylock']
/** @internal */
export declare const _raw_read_unlock: RwLocks['_raw_read_unlock']
/** @internal */
export declare const _raw_read_unlock_bh: RwLocks['_raw_read_unlock_bh']
/** @internal */
export declare const _raw_read_unlock_irq: RwLocks['_raw_read_unlock_irq']
/** @internal */
export declare const _raw_read_unlock_irqrestore: RwLocks['_raw_read_unlock_irqrestore']
/** @internal */
export declare const _raw_write_lock: RwLocks['_raw_write_lock']
/** @internal */
export declare const _raw_write_lock_bh: RwLocks['_raw_write_lock_bh']
/** @internal */
export declare const _raw_write_lock_irq: RwLocks['_raw_write_lock_irq']
/** @internal */
export declare const _raw_write_lock_irqsave: RwLocks['_raw_write_lock_irqsave']
/** @internal */
export declare const _raw_write_trylock: RwLocks['_raw_write_trylock']
/** @internal */
export declare const _raw_write_unlock: RwLocks['_raw_write_unlock']
/** @internal */
export declare const _raw_write_unlock_bh: RwLocks['_raw_write_unlock_bh']
/** @internal */
export declare const _raw_write_unlock_irq: RwLocks['_raw_write_unlock_irq']
/** @internal */
export declare const _raw_write_unlock_irqrestore: RwLocks['_raw_write_unlock_irqrestore']

/** Make `lock` free. */
export const rwlock_init = (lock: rwlock, site?: call_site): void =>
  __rwlock_init(lock, site)

/** Go in with other readers; one who is a reader already may. Nobody who is in may sleep. */
export const read_lock = (lock: rwlock, site?: call_site): void =>
  _raw_read_lock(lock, site)
/** As read_lock(), against timers and tasklets too. */
export const read_lock_bh = (lock: rwlock, site?: call_site): void =>
  _raw_read_lock_bh(lock, site)
/** As read_lock(), against interrupts too, which were on. */
export const read_lock_irq = (lock: rwlock, site?: call_site): void =>
  _raw_read_lock_irq(lock, site)
/** As read_lock(), against interrupts too; what read_unlock_irqrestore() wants back. */
export const read_lock_irqsave = (lock: rwlock, site?: call_site): number =>
  _raw_read_lock_irqsave(lock, site)
/** As read_lock(), if no writer is inside: whether it was so. */
export const read_trylock = (lock: rwlock, site?: call_site): boolean =>
  _raw_read_trylock(lock, site)
export const read_unlock = (lock: rwlock, site?: call_site): void =>
  _raw_read_unlock(lock, site)
export const read_unlock_bh = (lock: rwlock, site?: call_site): void =>
  _raw_read_unlock_bh(lock, site)
export const read_unlock_irq = (lock: rwlock, site?: call_site): void =>
  _raw_read_unlock_irq(lock, site)
export const read_unlock_irqrestore = (
  lock: rwlock,
  flags: number,
  site?: call_site,
): void => _raw_read_unlock_irqrestore(lock, flags, site)

/** Go in alone. Nobody who is in may sleep. */
export const write_lock = (lock: rwlock, site?: call_site): void =>
  _raw_write_lock(lock, site)
/** As write_lock(), against timers and tasklets too. */
export const write_lock_bh = (lock: rwlock, site?: call_site): void =>
  _raw_write_lock_bh(lock, site)
/** As write_lock(), against interrupts too, which were on. */
export const write_lock_irq = (lock: rwlock, site?: call_site): void =>
  _raw_write_lock_irq(lock, site)
/** As write_lock(), against interrupts too; what write_unlock_irqrestore() wants back. */
export const write_lock_irqsave = (lock: rwlock, site?: call_site): number =>
  _raw_write_lock_irqsave(lock, site)
/** As write_lock(), if nobody is inside: whether it was so. */
export const write_trylock = (lock: rwlock, site?: call_site): boolean =>
  _raw_write_trylock(lock, site)
export const write_unlock = (lock: rwlock, site?: call_site): void =>
  _raw_write_unlock(lock, site)
export const write_unlock_bh = (lock: rwlock, site?: call_site): void =>
  _raw_write_unlock_bh(lock, site)
export const write_unlock_irq = (lock: rwlock, site?: call_site): void =>
  _raw_write_unlock_irq(lock, site)
export const write_unlock_irqrestore = (
  lock: rwlock,
  flags: number,
  site?: call_site,
): void => _raw_write_unlock_irqrestore(lock, flags, site)
