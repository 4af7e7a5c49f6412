// Locks that sleep. Implemented in kernel/locking/mutex.ts. Linux: include/linux/mutex.h.
import type { Mutexes } from '../../kernel/locking/mutex.ts'
import type { lock_waiter } from '../../kernel/locking/lock_waiters.ts'
import type { call_site } from './call_site.ts'
import { LD_WAIT_SLEEP, init_dep_map } from './lockdep_map.ts'
import type { debugged_lock, lock_site, lockdep_map } from './lockdep_map.ts'
import type { task_struct } from './sched.ts'
import type { MaybePromise } from './types.ts'

/** `DEFINE_MUTEX(lock)` is `const lock = new mutex()`. */
export class mutex implements debugged_lock {
  /** @internal */
  owner: task_struct | undefined = undefined
  /** @internal first come, first served */
  readonly wait_list: lock_waiter[] = []
  /** @internal */
  dep_map: lockdep_map | undefined

  constructor(site?: lock_site) {
    this.dep_map = init_dep_map(site, LD_WAIT_SLEEP)
  }
}

/** Make `lock` free and forget who waits. */
export function mutex_init(lock: mutex, site?: call_site): void {
  __mutex_init(lock, site)
}

/** @internal */
export declare const __mutex_init: Mutexes['__mutex_init']
/** Take the lock, waiting as long as it takes. */
export declare const mutex_lock: Mutexes['mutex_lock']
/** Take the lock: 0, or -EINTR when a signal ends the wait. */
export declare const mutex_lock_interruptible: Mutexes['mutex_lock_interruptible']
/** Take the lock: 0, or -EINTR when a signal that kills ends the wait. */
export declare const mutex_lock_killable: Mutexes['mutex_lock_killable']
/** As mutex_lock(), for those who wait for a device. */
export declare const mutex_lock_io: Mutexes['mutex_lock_io']
/** Take the lock if it is free; true if it was. */
export declare const mutex_trylock: Mutexes['mutex_trylock']
/** Let the next one have it. */
export declare const mutex_unlock: Mutexes['mutex_unlock']
export declare const mutex_is_locked: Mutexes['mutex_is_locked']
/** Take 1 away; if that leaves 0, take the lock: whether it did. */
export declare const atomic_dec_and_mutex_lock: Mutexes['atomic_dec_and_mutex_lock']
/** Nobody will use it again. One that is locked is reported. */
export declare const mutex_destroy: Mutexes['mutex_destroy']

/** As mutex_lock(), by one who holds another of the same kind: `subclass` from 1 to 7 tells them apart. */
export const mutex_lock_nested = (
  lock: mutex,
  subclass: number,
  site?: call_site,
): MaybePromise<void> => mutex_lock(lock, site, subclass)
/** mutex_lock_interruptible(), as mutex_lock_nested(). */
export const mutex_lock_interruptible_nested = (
  lock: mutex,
  subclass: number,
  site?: call_site,
): MaybePromise<number> => mutex_lock_interruptible(lock, site, subclass)
/** mutex_lock_killable(), as mutex_lock_nested(). */
export const mutex_lock_killable_nested = (
  lock: mutex,
  subclass: number,
  site?: call_site,
): MaybePromise<number> => mutex_lock_killable(lock, site, subclass)
