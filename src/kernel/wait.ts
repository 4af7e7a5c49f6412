// Wait queues. Linux: kernel/sched/wait.c.
//
// Waiting is: get in line, look at the condition, sleep, look again. Getting in line comes first, so a
// wake-up between looking and sleeping is never lost.

import type { wait_queue_entry, wait_queue_head } from '../include/linux/wait.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import { ERESTARTSYS } from '../include/linux/errno.ts'
import {
  type Scheduler,
  TASK_INTERRUPTIBLE,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
  type Task,
} from './sched.ts'

class Waiter implements wait_queue_entry {
  readonly exclusive: boolean
  readonly #sched: Scheduler
  readonly #task: Task

  constructor(sched: Scheduler, task: Task, exclusive: boolean) {
    this.#sched = sched
    this.#task = task
    this.exclusive = exclusive
  }

  wake(): boolean {
    return this.#sched.wake_up_process(this.#task)
  }
}

export class WaitQueues {
  static readonly EXPORT_SYMBOL = [
    'wait_event',
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
    this.#wake(wq, 1)
  }

  wake_up_all(wq: wait_queue_head): void {
    this.#wake(wq, Infinity)
  }

  wake_up_interruptible(wq: wait_queue_head): void {
    this.#wake(wq, 1)
  }

  wake_up_interruptible_all(wq: wait_queue_head): void {
    this.#wake(wq, Infinity)
  }

  waitqueue_active(wq: wait_queue_head): boolean {
    return wq.entries.size > 0
  }

  #wake(wq: wait_queue_head, exclusiveOnes: number): void {
    let left = exclusiveOnes
    for (const entry of wq.entries) {
      if (entry.wake() && entry.exclusive && --left === 0) return
    }
  }

  async #wait(
    wq: wait_queue_head,
    condition: () => boolean,
    state: number,
    exclusive: boolean,
  ): Promise<errno_t> {
    const task = this.#sched.current
    const waiter = new Waiter(this.#sched, task, exclusive)
    wq.entries.add(waiter)
    try {
      for (;;) {
        task.state = state
        if (condition()) return 0
        if (state === TASK_INTERRUPTIBLE && task.signalled) return -ERESTARTSYS
        await this.#sched.schedule()
      }
    } finally {
      task.state = TASK_RUNNING
      wq.entries.delete(waiter)
    }
  }
}
