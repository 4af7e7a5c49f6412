// Mutexes. Linux: kernel/locking/mutex.c, mutex-debug.c.

import type { atomic_t } from '../../include/linux/atomic.ts'
import type { call_site } from '../../include/linux/call_site.ts'
import { init_dep_map, LD_WAIT_SLEEP } from '../../include/linux/lockdep_map.ts'
import type { mutex } from '../../include/linux/mutex.ts'
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_UNINTERRUPTIBLE,
} from '../../include/linux/sched.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import type { Traps } from '../panic.ts'
import type { MightSleep } from '../might_sleep.ts'
import type { Scheduler } from '../sched.ts'
import type { LockWaiters } from './lock_waiters.ts'
import type { Lockdep } from './lockdep.ts'

interface Needs {
  sched: Scheduler
  waiters: LockWaiters
  lockdep: Pick<Lockdep, 'acquire' | 'acquired' | 'release'>
  might_sleep: Pick<MightSleep, '__might_sleep'>
  traps: Pick<Traps, 'WARN'>
}

export class Mutexes {
  static readonly EXPORT_SYMBOL = [
    '__mutex_init',
    'mutex_lock',
    'mutex_lock_interruptible',
    'mutex_lock_killable',
    'mutex_trylock',
    'mutex_unlock',
    'mutex_is_locked',
    'mutex_destroy',
    'atomic_dec_and_mutex_lock',
  ] as const
  static readonly EXPORT_SYMBOL_GPL = ['mutex_lock_io'] as const

  readonly #sched: Scheduler
  readonly #waiters: LockWaiters
  readonly #lockdep: Needs['lockdep']
  readonly #debug: Needs['might_sleep']
  readonly #traps: Needs['traps']

  constructor({ sched, waiters, lockdep, might_sleep, traps }: Needs) {
    this.#sched = sched
    this.#waiters = waiters
    this.#lockdep = lockdep
    this.#debug = might_sleep
    this.#traps = traps
  }

  __mutex_init(lock: mutex, site?: call_site): void {
    lock.owner = undefined
    lock.wait_list.length = 0
    if (site) lock.dep_map = init_dep_map(site, LD_WAIT_SLEEP)
  }

  mutex_lock(lock: mutex, site?: call_site, subclass = 0): MaybePromise<void> {
    if (this.#takeAtOnce(lock, site, subclass)) return
    return this.#wait(lock, TASK_UNINTERRUPTIBLE, site).then(() => {})
  }

  mutex_lock_interruptible(
    lock: mutex,
    site?: call_site,
    subclass = 0,
  ): MaybePromise<errno_t> {
    if (this.#takeAtOnce(lock, site, subclass)) return 0
    return this.#wait(lock, TASK_INTERRUPTIBLE, site)
  }

  mutex_lock_killable(
    lock: mutex,
    site?: call_site,
    subclass = 0,
  ): MaybePromise<errno_t> {
    if (this.#takeAtOnce(lock, site, subclass)) return 0
    return this.#wait(lock, TASK_KILLABLE, site)
  }

  mutex_lock_io(lock: mutex, site?: call_site): MaybePromise<void> {
    return this.mutex_lock(lock, site)
  }

  mutex_trylock(lock: mutex, site?: call_site): boolean {
    if (lock.owner) return false
    this.#lockdep.acquired(lock, site)
    lock.owner = this.#sched.current
    return true
  }

  mutex_unlock(lock: mutex, site?: call_site): void {
    this.#lockdep.release(lock, site)
    const next = lock.wait_list.shift()
    lock.owner = next?.task
    if (next) this.#waiters.grant(next)
  }

  mutex_is_locked(lock: mutex): boolean {
    return lock.owner !== undefined
  }

  mutex_destroy(lock: mutex): void {
    this.#traps.WARN(
      this.mutex_is_locked(lock),
      'DEBUG_LOCKS_WARN_ON(mutex_is_locked(lock))\n',
    )
  }

  async atomic_dec_and_mutex_lock(
    cnt: atomic_t,
    lock: mutex,
    site?: call_site,
  ): Promise<boolean> {
    if (cnt.counter !== 1) {
      cnt.counter = (cnt.counter - 1) | 0
      return false
    }
    await this.mutex_lock(lock, site)
    cnt.counter = (cnt.counter - 1) | 0
    if (cnt.counter === 0) return true
    this.mutex_unlock(lock, site)
    return false
  }

  #takeAtOnce(lock: mutex, site: call_site | undefined, subclass: number): boolean {
    this.#debug.__might_sleep('kernel/locking/mutex.c', 580)
    this.#lockdep.acquire(lock, site, subclass)
    if (lock.owner !== undefined) return false
    lock.owner = this.#sched.current
    return true
  }

  async #wait(lock: mutex, state: number, site: call_site | undefined): Promise<errno_t> {
    const err = await this.#waiters.wait(lock.wait_list, state)
    if (err) this.#lockdep.release(lock, site)
    return err
  }
}
