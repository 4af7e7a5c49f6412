// Mutexes. Linux: kernel/locking/mutex.c.

import { EINTR } from '../../include/linux/errno.ts'
import type { mutex } from '../../include/linux/mutex.ts'
import type { MaybePromise } from '../../include/linux/types.ts'
import type { Scheduler } from '../sched.ts'
import type { WaitQueues } from '../wait.ts'

export class Mutexes {
  static readonly EXPORT_SYMBOL = [
    'mutex_init',
    'mutex_lock',
    'mutex_lock_interruptible',
    'mutex_trylock',
    'mutex_unlock',
    'mutex_is_locked',
  ] as const

  readonly #sched: Scheduler
  readonly #wait: WaitQueues

  constructor(sched: Scheduler, wait: WaitQueues) {
    this.#sched = sched
    this.#wait = wait
  }

  mutex_init(lock: mutex): void {
    lock.owner = undefined
  }

  mutex_lock(lock: mutex): MaybePromise<void> {
    if (this.mutex_trylock(lock)) return
    return this.#lockSlowly(lock)
  }

  mutex_lock_interruptible(lock: mutex): MaybePromise<number> {
    if (this.mutex_trylock(lock)) return 0
    return this.#lockInterruptibly(lock)
  }

  mutex_trylock(lock: mutex): boolean {
    if (lock.owner) return false
    lock.owner = this.#sched.current
    return true
  }

  mutex_unlock(lock: mutex): void {
    lock.owner = undefined
    this.#wait.wake_up(lock.wait)
  }

  mutex_is_locked(lock: mutex): boolean {
    return lock.owner !== undefined
  }

  // Whoever is woken may find the lock taken again: trying is the condition.

  async #lockSlowly(lock: mutex): Promise<void> {
    await this.#wait.wait_event_exclusive(lock.wait, () => this.mutex_trylock(lock))
  }

  async #lockInterruptibly(lock: mutex): Promise<number> {
    const err = await this.#wait.wait_event_interruptible_exclusive(lock.wait, () =>
      this.mutex_trylock(lock),
    )
    return err ? -EINTR : 0
  }
}
