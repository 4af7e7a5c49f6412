// Counting semaphores. Implemented in kernel/locking/semaphore.ts. Linux: include/linux/semaphore.h.
import type { lock_waiter } from '../../kernel/locking/lock_waiters.ts'
import type { Semaphores } from '../../kernel/locking/semaphore.ts'

/** `DEFINE_SEMAPHORE(sem)` is `const sem = new semaphore(1)`. */
export class semaphore {
  /** @internal */
  count: number
  /** @internal first come, first served */
  readonly wait_list: lock_waiter[] = []

  /** How many may be inside at a time. */
  constructor(count = 1) {
    this.count = count
  }
}

/** Let `val` be inside at a time, and forget who waits. */
export function sema_init(sem: semaphore, val: number): void {
  sem.count = val
  sem.wait_list.length = 0
}

/** Take one, waiting as long as it takes. */
export declare const down: Semaphores['down']
/** Take one: 0, or -EINTR when a signal ends the wait. */
export declare const down_interruptible: Semaphores['down_interruptible']
/** Take one: 0, or -EINTR when a signal that kills ends the wait. */
export declare const down_killable: Semaphores['down_killable']
/** Take one if there is one: 0 if there was, 1 if not. That is the other way round than mutex_trylock(). */
export declare const down_trylock: Semaphores['down_trylock']
/** Take one, waiting `timeout` ticks at most: 0, or -ETIME. */
export declare const down_timeout: Semaphores['down_timeout']
/** Give one back; anybody may. */
export declare const up: Semaphores['up']
