// Sleeping until something happens or a signal kills the caller. Linux: TASK_KILLABLE.
//
// The host reports a caller's first signal only, and not whether it is deadly. So after one, who
// sleeps here wakes up at intervals and looks whether his caller is being killed.

import { ERESTARTSYS } from '../include/linux/errno.ts'
import { HZ } from '../include/linux/jiffies.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { wait_queue_head } from '../include/linux/wait.ts'
import type { Scheduler } from './sched.ts'
import type { Timeouts } from './time/sleep_timeout.ts'
import type { WaitQueues } from './wait.ts'

/** How often to look, in ticks. */
const INTERVAL = HZ / 20

export class KillableWaits {
  readonly #sched: Scheduler
  readonly #wait: WaitQueues
  readonly #timeouts: Timeouts

  constructor(sched: Scheduler, wait: WaitQueues, timeouts: Timeouts) {
    this.#sched = sched
    this.#wait = wait
    this.#timeouts = timeouts
  }

  /** Sleep until `condition`: 0, or -ERESTARTSYS if the caller is killed. */
  async wait_event_killable(
    wq: wait_queue_head,
    condition: () => boolean,
  ): Promise<errno_t> {
    const err = await this.#wait.wait_event_interruptible(wq, condition)
    return err && this.poll_killable(condition)
  }

  /** As above, without a queue: looks at `condition` often, and gives up after `seconds`. */
  async poll_killable(condition: () => boolean, seconds = Infinity): Promise<errno_t> {
    const deadline = performance.now() + seconds * 1000
    const task = this.#sched.current
    while (!condition() && performance.now() < deadline) {
      if (this.#sched.fatal_signal_pending(task)) return -ERESTARTSYS
      await this.#timeouts.schedule_timeout_uninterruptible(INTERVAL)
    }
    return 0
  }
}
