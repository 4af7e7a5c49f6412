// The line in front of a lock that sleeps. Whoever lets go hands over to the one who has waited
// longest, who finds it his own when he wakes: nobody can get in between, so nobody waits for ever.

import { EINTR, ETIME } from '../../include/linux/errno.ts'
import { MAX_SCHEDULE_TIMEOUT, type task_struct } from '../../include/linux/sched.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { Scheduler } from '../sched.ts'
import type { Timeouts } from '../time/sleep_timeout.ts'

/** One who waits for a lock. */
export interface lock_waiter {
  readonly task: task_struct
  /** For a lock with readers. */
  readonly writes: boolean
  /** He has it. */
  granted: boolean
}

export class LockWaiters {
  readonly #sched: Scheduler
  readonly #schedule_timeout: Timeouts['schedule_timeout']

  constructor(sched: Scheduler, schedule_timeout: Timeouts['schedule_timeout']) {
    this.#sched = sched
    this.#schedule_timeout = schedule_timeout
  }

  /** Stand in line and sleep: 0, or -EINTR or -ETIME and out of the line again. */
  async wait(
    line: lock_waiter[],
    state: number,
    { timeout = MAX_SCHEDULE_TIMEOUT, writes = true } = {},
  ): Promise<errno_t> {
    const task = this.#sched.current
    const waiter: lock_waiter = { task, writes, granted: false }
    line.push(waiter)
    let left = timeout
    while (!waiter.granted) {
      const err = task.signal_pending_state(state) ? -EINTR : left <= 0 ? -ETIME : 0
      if (err) {
        line.splice(line.indexOf(waiter), 1)
        return err
      }
      task.__state = state
      left = await this.#schedule_timeout(left)
    }
    return 0
  }

  grant(waiter: lock_waiter): void {
    waiter.granted = true
    this.#sched.wake_up_process(waiter.task)
  }
}
