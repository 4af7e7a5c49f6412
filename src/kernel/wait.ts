// Wait queues. Linux: kernel/sched/wait.c.
//
// Waiting is: get in line, look at the condition, sleep, look again. Getting in line comes first, so a
// wake-up between looking and sleeping is never lost.

import type { wait_queue_entry, wait_queue_head } from '../include/linux/wait.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import { ERESTARTSYS } from '../include/linux/errno.ts'
import {
  TASK_INTERRUPTIBLE,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
} from '../include/linux/sched.ts'
import type { Scheduler, Task } from './sched.ts'

class Waiter implements wait_queue_entry {
  readonly exclusive: boolean
  readonly state: number
  readonly #sched: Scheduler
  readonly #task: Task

  constructor(sched: Scheduler, state: number, exclusive: boolean) {
    this.#sched = sched
    this.#task = sched.current
    this.state = state
    this.exclusive = exclusive
  }

  wake(interruptibleOnly: boolean): boolean {
    if (interruptibleOnly && this.state !== TASK_INTERRUPTIBLE) return false
    return this.#sched.wake_up_process(this.#task)
  }
}

export class WaitQueues {
  static readonly EXPORT_SYMBOL = [
    'wait_event',
    'wait_event_exclusive',
    'wait_event_interruptible',
    'wait_event_interruptible_exclusive',
    'wake_up',
    'wake_up_all',
    'wake_up_interruptible',
    'wake_up_interruptible_all',
    'waitqueue_active',
  ] as const

  readonly #sched: Scheduler

  constructor(sched: Scheduler) {
    this.#sched = sched
  }

  wait_event(wq: wait_queue_head, condition: () => boolean): MaybePromise<errno_t> {
    return condition() ? 0 : this.#wait(wq, condition, TASK_UNINTERRUPTIBLE, false)
  }

  wait_event_exclusive(
    wq: wait_queue_head,
    condition: () => boolean,
  ): MaybePromise<errno_t> {
    return condition() ? 0 : this.#wait(wq, condition, TASK_UNINTERRUPTIBLE, true)
  }

  wait_event_interruptible(
    wq: wait_queue_head,
    condition: () => boolean,
  ): MaybePromise<errno_t> {
    return condition() ? 0 : this.#wait(wq, condition, TASK_INTERRUPTIBLE, false)
  }

  wait_event_interruptible_exclusive(
    wq: wait_queue_head,
    condition: () => boolean,
  ): MaybePromise<errno_t> {
    return condition() ? 0 : this.#wait(wq, condition, TASK_INTERRUPTIBLE, true)
  }

  wake_up(wq: wait_queue_head): void {
    this.#wake(wq, 1, false)
  }

  wake_up_all(wq: wait_queue_head): void {
    this.#wake(wq, Infinity, false)
  }

  wake_up_interruptible(wq: wait_queue_head): void {
    this.#wake(wq, 1, true)
  }

  wake_up_interruptible_all(wq: wait_queue_head): void {
    this.#wake(wq, Infinity, true)
  }

  waitqueue_active(wq: wait_queue_head): boolean {
    return wq.entries.size > 0
  }

  /** Whoever gets in line again because of this is not asked twice: hence the copy. */
  #wake(wq: wait_queue_head, exclusiveOnes: number, interruptibleOnly: boolean): void {
    if (wq.entries.size === 0) return
    let left = exclusiveOnes
    for (const entry of Array.from(wq.entries)) {
      if (entry.exclusive && left === 0) continue
      if (entry.wake(interruptibleOnly) && entry.exclusive) left--
    }
  }

  async #wait(
    wq: wait_queue_head,
    condition: () => boolean,
    state: number,
    exclusive: boolean,
  ): Promise<errno_t> {
    const task = this.#sched.current
    const waiter = new Waiter(this.#sched, state, exclusive)
    try {
      for (;;) {
        // One who was woken in vain goes to the end of the line, as on Linux.
        wq.entries.delete(waiter)
        wq.entries.add(waiter)
        if (condition()) return 0
        if (state === TASK_INTERRUPTIBLE && task.signalled) return -ERESTARTSYS
        task.state = state
        await this.#sched.schedule()
      }
    } finally {
      task.state = TASK_RUNNING
      wq.entries.delete(waiter)
    }
  }
}
