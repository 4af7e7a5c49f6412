// Locks and wait queues without a machine around them, and without lock debugging.

import type { Test } from 'tap'
import { MAX_SCHEDULE_TIMEOUT } from '../../src/include/linux/jiffies.ts'
import { Completions } from '../../src/kernel/completion.ts'
import { LockWaiters } from '../../src/kernel/locking/lock_waiters.ts'
import { Mutexes } from '../../src/kernel/locking/mutex.ts'
import { RwSemaphores } from '../../src/kernel/locking/rwsem.ts'
import { Semaphores } from '../../src/kernel/locking/semaphore.ts'
import { Scheduler } from '../../src/kernel/sched.ts'
import { WaitQueues } from '../../src/kernel/wait.ts'
import { clockwork } from './clockwork.ts'

/** Without a test that ends it there is no clock. */
export function bareLocks(t?: Test) {
  const { sched, schedule_timeout } = t ? withClock(t) : withoutClock()
  const waiters = new LockWaiters(sched, schedule_timeout)
  const wait = new WaitQueues(sched, schedule_timeout)
  const lockdep = { acquire() {}, acquired() {}, release() {}, downgrade() {} }
  const might_sleep = { __might_sleep() {} }
  const traps = { WARN: () => false }
  return {
    sched,
    wait,
    completions: new Completions(wait, might_sleep),
    mutexes: new Mutexes({ sched, waiters, lockdep, might_sleep, traps }),
    semaphores: new Semaphores(waiters, might_sleep),
    rwsems: new RwSemaphores({ waiters, lockdep, might_sleep }),
  }
}

function withClock(t: Test) {
  const { sched, timeouts } = clockwork(t)
  return { sched, schedule_timeout: (ticks: number) => timeouts.schedule_timeout(ticks) }
}

function withoutClock() {
  const sched = new Scheduler()
  const schedule_timeout = async (ticks: number) => {
    if (ticks < MAX_SCHEDULE_TIMEOUT) throw new Error('no clock')
    await sched.schedule()
    return ticks
  }
  return { sched, schedule_timeout }
}
