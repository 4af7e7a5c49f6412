// Counting semaphores. Linux: kernel/locking/semaphore.c. Anybody may give back what another has
// taken, so lock debugging has nothing to say about them.

import { ETIME } from '../../include/linux/errno.ts'
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_UNINTERRUPTIBLE,
} from '../../include/linux/sched.ts'
import type { semaphore } from '../../include/linux/semaphore.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import type { MightSleep } from '../might_sleep.ts'
import type { LockWaiters } from './lock_waiters.ts'

const FILE = 'kernel/locking/semaphore.c'

export class Semaphores {
  static readonly EXPORT_SYMBOL = [
    'down',
    'down_interruptible',
    'down_killable',
    'down_trylock',
    'down_timeout',
    'up',
  ] as const

  readonly #waiters: LockWaiters
  readonly #debug: Pick<MightSleep, '__might_sleep'>

  constructor(waiters: LockWaiters, debug: Pick<MightSleep, '__might_sleep'>) {
    this.#waiters = waiters
    this.#debug = debug
  }

  down(sem: semaphore): MaybePromise<void> {
    this.#debug.__might_sleep(FILE, 58)
    if (take(sem)) return
    return this.#waiters.wait(sem.wait_list, TASK_UNINTERRUPTIBLE).then(() => {})
  }

  down_interruptible(sem: semaphore): MaybePromise<errno_t> {
    this.#debug.__might_sleep(FILE, 82)
    return take(sem) ? 0 : this.#waiters.wait(sem.wait_list, TASK_INTERRUPTIBLE)
  }

  down_killable(sem: semaphore): MaybePromise<errno_t> {
    this.#debug.__might_sleep(FILE, 109)
    return take(sem) ? 0 : this.#waiters.wait(sem.wait_list, TASK_KILLABLE)
  }

  /** 0 if it was taken: the other way round than mutex_trylock(). */
  down_trylock(sem: semaphore): number {
    return take(sem) ? 0 : 1
  }

  down_timeout(sem: semaphore, timeout: number): MaybePromise<errno_t> {
    this.#debug.__might_sleep(FILE, 164)
    if (take(sem)) return 0
    if (timeout <= 0) return -ETIME
    return this.#waiters.wait(sem.wait_list, TASK_UNINTERRUPTIBLE, { timeout })
  }

  up(sem: semaphore): void {
    const next = sem.wait_list.shift()
    if (next) this.#waiters.grant(next)
    else sem.count++
  }
}

function take(sem: semaphore): boolean {
  if (sem.count <= 0) return false
  sem.count--
  return true
}
