// Locks of all kinds, and what watches how they are used.

import { Completions } from '../kernel/completion.ts'
import { LockWaiters } from '../kernel/locking/lock_waiters.ts'
import { Lockdep } from '../kernel/locking/lockdep.ts'
import { LockReports } from '../kernel/locking/lockdep_report.ts'
import { Mutexes } from '../kernel/locking/mutex.ts'
import { RwLocks } from '../kernel/locking/rwlock.ts'
import { RwSemaphores } from '../kernel/locking/rwsem.ts'
import { Semaphores } from '../kernel/locking/semaphore.ts'
import { Spinlocks } from '../kernel/locking/spinlock.ts'
import { MightSleep } from '../kernel/might_sleep.ts'
import { Refcounts } from '../kernel/refcount.ts'
import type { Core } from './core.ts'
import type { Reporting } from './reporting.ts'
import type { Start } from './start.ts'

export type Locking = ReturnType<typeof locking_init>

export function locking_init(given: Start & Core & Reporting) {
  const { sched, time, symbols, wait, softirqs, later } = given
  const { log, debug_locks, taints, stacks, dumps, traps } = given

  const lock_reports = new LockReports({
    log,
    dumps,
    moduleOf: site =>
      later
        .modules()
        .list.all()
        .find(({ sites }) => sites.includes(site))?.name,
  })
  const lockdep = new Lockdep({ sched, debug_locks, stacks, reports: lock_reports })
  const might_sleep = new MightSleep({
    sched,
    log,
    traps,
    taints,
    time,
    reports: () => (debug_locks.on ? lock_reports : undefined),
  })
  const waiters = new LockWaiters(sched, later.schedule_timeout) // who waits for a lock
  const mutexes = new Mutexes({ sched, waiters, lockdep, might_sleep, traps })
  const refcounts = new Refcounts(traps, mutexes)
  const semaphores = new Semaphores(waiters, might_sleep)
  const rwsems = new RwSemaphores({ waiters, lockdep, might_sleep })
  const spinning = { sched, softirqs, traps, log, lockdep, debug_locks }
  const spinlocks = new Spinlocks(spinning)
  const rwlocks = new RwLocks(spinning)
  const completions = new Completions(wait, might_sleep)

  symbols.exportFrom(lockdep, might_sleep, mutexes, refcounts, semaphores, rwsems)
  symbols.exportFrom(spinlocks, rwlocks, completions)
  return { lockdep, might_sleep, mutexes, completions }
}
