// Locks that sleep, for many readers or one writer. Linux: kernel/locking/rwsem.c.
//
// First come, first served: readers who come behind a waiting writer wait as well, so writers do not
// wait for ever.

import type { call_site } from '../../include/linux/call_site.ts'
import { init_dep_map, LD_WAIT_SLEEP } from '../../include/linux/lockdep_map.ts'
import type { rw_semaphore } from '../../include/linux/rwsem.ts'
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_UNINTERRUPTIBLE,
} from '../../include/linux/sched.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import type { MightSleep } from '../might_sleep.ts'
import { READ, WRITE } from './held_lock.ts'
import type { LockWaiters } from './lock_waiters.ts'
import type { Lockdep } from './lockdep.ts'

/** In `count`: a writer is inside. */
const WRITER = -1
const FILE = 'kernel/locking/rwsem.c'

interface Needs {
  waiters: LockWaiters
  lockdep: Pick<Lockdep, 'acquire' | 'acquired' | 'release' | 'downgrade'>
  might_sleep: Pick<MightSleep, '__might_sleep'>
}

export class RwSemaphores {
  static readonly EXPORT_SYMBOL = [
    '__init_rwsem',
    'down_read',
    'down_read_interruptible',
    'down_read_killable',
    'down_read_trylock',
    'down_write',
    'down_write_killable',
    'down_write_trylock',
    'up_read',
    'up_write',
    'downgrade_write',
  ] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  __init_rwsem(sem: rw_semaphore, site?: call_site): void {
    sem.count = 0
    sem.wait_list.length = 0
    if (site) sem.dep_map = init_dep_map(site, LD_WAIT_SLEEP)
  }

  down_read(sem: rw_semaphore, site?: call_site, subclass = 0): MaybePromise<void> {
    const answer = this.#take(sem, READ, TASK_UNINTERRUPTIBLE, 1519, site, subclass)
    return typeof answer === 'number' ? undefined : answer.then(() => {})
  }

  down_read_interruptible(sem: rw_semaphore, site?: call_site): MaybePromise<errno_t> {
    return this.#take(sem, READ, TASK_INTERRUPTIBLE, 1528, site)
  }

  down_read_killable(sem: rw_semaphore, site?: call_site): MaybePromise<errno_t> {
    return this.#take(sem, READ, TASK_KILLABLE, 1542, site)
  }

  /** 1 if it could be taken, as in C. */
  down_read_trylock(sem: rw_semaphore, site?: call_site): number {
    if (!admitReader(sem)) return 0
    this.#needs.lockdep.acquired(sem, site, READ)
    return 1
  }

  down_write(sem: rw_semaphore, site?: call_site, subclass = 0): MaybePromise<void> {
    const answer = this.#take(sem, WRITE, TASK_UNINTERRUPTIBLE, 1572, site, subclass)
    return typeof answer === 'number' ? undefined : answer.then(() => {})
  }

  down_write_killable(sem: rw_semaphore, site?: call_site): MaybePromise<errno_t> {
    return this.#take(sem, WRITE, TASK_KILLABLE, 1583, site)
  }

  /** 1 if it could be taken, as in C. */
  down_write_trylock(sem: rw_semaphore, site?: call_site): number {
    if (!admitWriter(sem)) return 0
    this.#needs.lockdep.acquired(sem, site)
    return 1
  }

  up_read(sem: rw_semaphore, site?: call_site): void {
    this.#needs.lockdep.release(sem, site)
    if (sem.count > 0) sem.count--
    this.#wakeNext(sem)
  }

  up_write(sem: rw_semaphore, site?: call_site): void {
    this.#needs.lockdep.release(sem, site)
    if (sem.count === WRITER) sem.count = 0
    this.#wakeNext(sem)
  }

  downgrade_write(sem: rw_semaphore): void {
    this.#needs.lockdep.downgrade(sem, READ)
    sem.count = 1
    this.#wakeNext(sem)
  }

  #take(
    sem: rw_semaphore,
    kind: typeof READ | typeof WRITE,
    state: number,
    line: number,
    site: call_site | undefined,
    subclass = 0,
  ): MaybePromise<errno_t> {
    const { lockdep, might_sleep } = this.#needs
    might_sleep.__might_sleep(FILE, line)
    lockdep.acquire(sem, site, subclass, kind)
    const writes = kind === WRITE
    const admitted = writes ? admitWriter(sem) : admitReader(sem)
    return admitted ? 0 : this.#wait(sem, state, writes, site)
  }

  async #wait(
    sem: rw_semaphore,
    state: number,
    writes: boolean,
    site: call_site | undefined,
  ): Promise<errno_t> {
    const { waiters, lockdep } = this.#needs
    const err = await waiters.wait(sem.wait_list, state, { writes })
    if (err) {
      lockdep.release(sem, site)
      this.#wakeNext(sem) // readers may have waited behind this writer
    }
    return err
  }

  /** Let in who can come in: the writer at the head of the line, or the readers there. */
  #wakeNext(sem: rw_semaphore): void {
    const { wait_list } = sem
    for (let next = wait_list[0]; next; next = wait_list[0]) {
      const mayEnter = next.writes ? sem.count === 0 : sem.count !== WRITER
      if (!mayEnter) return
      sem.count = next.writes ? WRITER : sem.count + 1
      wait_list.shift()
      this.#needs.waiters.grant(next)
    }
  }
}

function admitReader(sem: rw_semaphore): boolean {
  if (sem.count === WRITER || sem.wait_list.length > 0) return false
  sem.count++
  return true
}

function admitWriter(sem: rw_semaphore): boolean {
  if (sem.count !== 0 || sem.wait_list.length > 0) return false
  sem.count = WRITER
  return true
}
