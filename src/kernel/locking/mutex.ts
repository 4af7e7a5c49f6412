// Mutexes. Linux: kernel/locking/mutex.c.
//
// Whoever unlocks hands the lock to the one who has waited longest, who finds it his own when he
// wakes. Nobody can get in between, so nobody waits for ever.

import { EINTR } from '../../include/linux/errno.ts'
import type { mutex, mutex_holder } from '../../include/linux/mutex.ts'
import { TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE } from '../../include/linux/sched.ts'
import type { MaybePromise } from '../../include/linux/types.ts'
import type { Scheduler, Task } from '../sched.ts'

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

  constructor(sched: Scheduler) {
    this.#sched = sched
  }

  mutex_init(lock: mutex): void {
    lock.owner = undefined
    lock.wait_list.length = 0
  }

  mutex_lock(lock: mutex): MaybePromise<void> {
    if (this.mutex_trylock(lock)) return
    return this.#wait(lock, TASK_UNINTERRUPTIBLE).then(() => {})
  }

  mutex_lock_interruptible(lock: mutex): MaybePromise<number> {
    return this.mutex_trylock(lock) ? 0 : this.#wait(lock, TASK_INTERRUPTIBLE)
  }

  mutex_trylock(lock: mutex): boolean {
    if (lock.owner) return false
    lock.owner = { task: this.#sched.current }
    return true
  }

  mutex_unlock(lock: mutex): void {
    lock.owner = lock.wait_list.shift()
    if (lock.owner) this.#sched.wake_up_process(lock.owner.task)
  }

  mutex_is_locked(lock: mutex): boolean {
    return lock.owner !== undefined
  }

  async #wait(lock: mutex, state: number): Promise<number> {
    const task: Task = this.#sched.current
    const waiter: mutex_holder = { task }
    lock.wait_list.push(waiter)
    for (;;) {
      if (lock.owner === waiter) return 0
      if (state === TASK_INTERRUPTIBLE && task.signalled) break
      task.state = state
      await this.#sched.schedule()
    }
    lock.wait_list.splice(lock.wait_list.indexOf(waiter), 1)
    return -EINTR
  }
}
