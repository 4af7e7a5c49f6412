// Locks that sleep. Implemented in kernel/locking/mutex.ts. Linux: include/linux/mutex.h.
import type { Mutexes } from '../../kernel/locking/mutex.ts'
import type { task_struct } from './sched.ts'

/** @internal One who has the lock or waits for it. */
export interface mutex_holder {
  readonly task: task_struct
}

/** `DEFINE_MUTEX(lock)` is `const lock = new mutex()`. */
export class mutex {
  /** @internal */
  owner: mutex_holder | undefined = undefined
  /** @internal first come, first served */
  readonly wait_list: mutex_holder[] = []
}

/** Make `lock` free and forget who waits. */
export declare const mutex_init: Mutexes['mutex_init']
/** Take the lock, waiting as long as it takes. */
export declare const mutex_lock: Mutexes['mutex_lock']
/** Take the lock: 0, or -EINTR when a signal ends the wait. */
export declare const mutex_lock_interruptible: Mutexes['mutex_lock_interruptible']
/** Take the lock if it is free; true if it was. */
export declare const mutex_trylock: Mutexes['mutex_trylock']
/** Let the next one have it. */
export declare const mutex_unlock: Mutexes['mutex_unlock']
export declare const mutex_is_locked: Mutexes['mutex_is_locked']
