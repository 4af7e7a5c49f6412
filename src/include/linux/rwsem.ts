// Locks that sleep, for many readers or one writer. Implemented in kernel/locking/rwsem.ts.
// Linux: include/linux/rwsem.h.
import type { lock_waiter } from '../../kernel/locking/lock_waiters.ts'
import type { RwSemaphores } from '../../kernel/locking/rwsem.ts'
import type { call_site } from './call_site.ts'
import { LD_WAIT_SLEEP, init_dep_map } from './lockdep_map.ts'
import type { debugged_lock, lock_site, lockdep_map } from './lockdep_map.ts'
import type { MaybePromise } from './types.ts'

/** `DECLARE_RWSEM(sem)` is `const sem = new rw_semaphore()`. */
export class rw_semaphore implements debugged_lock {
  /** @internal readers inside; -1: a writer */
  count = 0
  /** @internal first come, first served */
  readonly wait_list: lock_waiter[] = []
  /** @internal */
  dep_map: lockdep_map | undefined

  constructor(site?: lock_site) {
    this.dep_map = init_dep_map(site, LD_WAIT_SLEEP)
  }
}

/** Make `sem` free and forget who waits. */
export function init_rwsem(sem: rw_semaphore, site?: call_site): void {
  __init_rwsem(sem, site)
}

/** @internal */
export declare const __init_rwsem: RwSemaphores['__init_rwsem']
/** Go in with other readers. */
export declare const down_read: RwSemaphores['down_read']
/** As down_read(): 0, or -EINTR when a signal ends the wait. */
export declare const down_read_interruptible: RwSemaphores['down_read_interruptible']
/** As down_read(): 0, or -EINTR when a signal that kills ends the wait. */
export declare const down_read_killable: RwSemaphores['down_read_killable']
/** Go in with other readers if that can be done at once: 1 if it could, else 0. */
export declare const down_read_trylock: RwSemaphores['down_read_trylock']
/** Go in alone. */
export declare const down_write: RwSemaphores['down_write']
/** As down_write(): 0, or -EINTR when a signal that kills ends the wait. */
export declare const down_write_killable: RwSemaphores['down_write_killable']
/** Go in alone if that can be done at once: 1 if it could, else 0. */
export declare const down_write_trylock: RwSemaphores['down_write_trylock']
export declare const up_read: RwSemaphores['up_read']
export declare const up_write: RwSemaphores['up_write']
/** Turn from the writer into a reader, without a gap. */
export declare const downgrade_write: RwSemaphores['downgrade_write']

/** Is anybody inside? */
export const rwsem_is_locked = (sem: rw_semaphore): boolean => sem.count !== 0
/** Does anybody wait? */
export const rwsem_is_contended = (sem: rw_semaphore): boolean => sem.wait_list.length > 0

/** As down_read(), by one who holds another of the same kind: `subclass` from 1 to 7 tells them apart. */
export const down_read_nested = (
  sem: rw_semaphore,
  subclass: number,
  site?: call_site,
): MaybePromise<void> => down_read(sem, site, subclass)
/** down_write(), as down_read_nested(). */
export const down_write_nested = (
  sem: rw_semaphore,
  subclass: number,
  site?: call_site,
): MaybePromise<void> => down_write(sem, site, subclass)
