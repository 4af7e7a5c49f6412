// Wait queues. Linux: kernel/sched/wait.c.
//
// Waiting is: get in line, look at the condition, sleep, look again. Getting in line comes first, so a
// wake-up between looking and sleeping is never lost. Drivers have that loop compiled in
// (include/linux/wait_loop.ts); the kernel's own waits are at the end of this file.

import { ERESTARTSYS } from '../include/linux/errno.ts'
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_NORMAL,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
} from '../include/linux/sched.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import {
  ___wait_event,
  ___wait_event_timeout,
  type wait_condition,
} from '../include/linux/wait_loop.ts'
import {
  WQ_FLAG_EXCLUSIVE,
  WQ_FLAG_WOKEN,
  type wait_queue_entry,
  type wait_queue_func_t,
  type wait_queue_head,
} from '../include/linux/wait_queue.ts'
import type { Scheduler, Task } from './sched.ts'
import type { Timeouts } from './time/sleep_timeout.ts'

export class WaitQueues {
  static readonly EXPORT_SYMBOL = [
    '__wake_up',
    'add_wait_queue',
    'add_wait_queue_exclusive',
    'remove_wait_queue',
    'prepare_to_wait',
    'prepare_to_wait_exclusive',
    'prepare_to_wait_event',
    'init_wait_entry',
    'finish_wait',
    'default_wake_function',
    'autoremove_wake_function',
    'woken_wake_function',
    'wait_woken',
  ] as const
  static readonly EXPORT_SYMBOL_GPL = [
    '__wake_up_locked',
    '__wake_up_locked_key',
  ] as const

  readonly #sched: Scheduler
  readonly #schedule_timeout: Timeouts['schedule_timeout']
  readonly #calls

  constructor(sched: Scheduler, schedule_timeout: Timeouts['schedule_timeout']) {
    this.#sched = sched
    this.#schedule_timeout = schedule_timeout
    this.#calls = {
      init_wait_entry: this.init_wait_entry.bind(this),
      prepare_to_wait_event: this.prepare_to_wait_event.bind(this),
      finish_wait: this.finish_wait.bind(this),
      schedule: sched.schedule.bind(sched),
      schedule_timeout,
    }
  }

  __wake_up(wq: wait_queue_head, mode: number, nr_exclusive: number, key: unknown): void {
    if (wq.entries.size > 0) {
      // Whoever gets in line again because of this is not asked twice: hence the copy.
      for (const entry of wq.entries.all()) {
        if (entry.func(entry, mode, 0, key) < 0) return
      }
    }
    if (wq.exclusive.size > 0) this.#wakeExclusive(wq, mode, nr_exclusive, key)
  }

  __wake_up_locked(wq: wait_queue_head, mode: number, nr: number): void {
    this.__wake_up(wq, mode, nr, null)
  }

  __wake_up_locked_key(wq: wait_queue_head, mode: number, key: unknown): void {
    this.__wake_up(wq, mode, 1, key)
  }

  add_wait_queue(wq: wait_queue_head, wq_entry: wait_queue_entry): void {
    wq_entry.flags &= ~WQ_FLAG_EXCLUSIVE
    enqueue(wq, wq_entry)
  }

  add_wait_queue_exclusive(wq: wait_queue_head, wq_entry: wait_queue_entry): void {
    wq_entry.flags |= WQ_FLAG_EXCLUSIVE
    enqueue(wq, wq_entry)
  }

  remove_wait_queue(_wq: wait_queue_head, wq_entry: wait_queue_entry): void {
    dequeue(wq_entry)
  }

  prepare_to_wait(wq: wait_queue_head, wq_entry: wait_queue_entry, state: number): void {
    if (!wq_entry.line) this.add_wait_queue(wq, wq_entry)
    this.#sched.current.__state = state
  }

  prepare_to_wait_exclusive(
    wq: wait_queue_head,
    wq_entry: wait_queue_entry,
    state: number,
  ): boolean {
    const isFirst = !wq_entry.line && wq.entries.size + wq.exclusive.size === 0
    if (!wq_entry.line) this.add_wait_queue_exclusive(wq, wq_entry)
    this.#sched.current.__state = state
    return isFirst
  }

  prepare_to_wait_event(
    wq: wait_queue_head,
    wq_entry: wait_queue_entry,
    state: number,
  ): errno_t {
    const task = this.#sched.current
    if (task.signal_pending_state(state)) {
      dequeue(wq_entry)
      return -ERESTARTSYS
    }
    if (!wq_entry.line) enqueue(wq, wq_entry)
    task.__state = state
    return 0
  }

  init_wait_entry(wq_entry: wait_queue_entry, flags: number): void {
    wq_entry.flags = flags
    wq_entry.task = this.#sched.current
    wq_entry.func = this.#autoremove
  }

  finish_wait(_wq: wait_queue_head, wq_entry: wait_queue_entry): void {
    this.#sched.current.__state = TASK_RUNNING
    dequeue(wq_entry)
  }

  default_wake_function(wq_entry: wait_queue_entry, mode: number): number {
    const { task } = wq_entry
    return task && this.#sched.try_to_wake_up(task as Task, mode) ? 1 : 0
  }

  autoremove_wake_function(wq_entry: wait_queue_entry, mode: number): number {
    const woken = this.default_wake_function(wq_entry, mode)
    if (woken) dequeue(wq_entry)
    return woken
  }

  woken_wake_function(wq_entry: wait_queue_entry, mode: number): number {
    wq_entry.flags |= WQ_FLAG_WOKEN
    return this.default_wake_function(wq_entry, mode)
  }

  async wait_woken(
    wq_entry: wait_queue_entry,
    mode: number,
    timeout: number,
  ): Promise<number> {
    const task = this.#sched.current
    task.__state = mode
    const woken = wq_entry.flags & WQ_FLAG_WOKEN
    const left = woken ? timeout : await this.#schedule_timeout(timeout)
    task.__state = TASK_RUNNING
    wq_entry.flags &= ~WQ_FLAG_WOKEN
    return left
  }

  wake_up(wq: wait_queue_head): void {
    this.__wake_up(wq, TASK_NORMAL, 1, null)
  }

  wake_up_all(wq: wait_queue_head): void {
    this.__wake_up(wq, TASK_NORMAL, 0, null)
  }

  wake_up_interruptible(wq: wait_queue_head): void {
    this.__wake_up(wq, TASK_INTERRUPTIBLE, 1, null)
  }

  wake_up_interruptible_all(wq: wait_queue_head): void {
    this.__wake_up(wq, TASK_INTERRUPTIBLE, 0, null)
  }

  wait_event(wq: wait_queue_head, condition: wait_condition): MaybePromise<errno_t> {
    return this.wait_event_state(wq, condition, TASK_UNINTERRUPTIBLE)
  }

  wait_event_interruptible(
    wq: wait_queue_head,
    condition: wait_condition,
  ): MaybePromise<errno_t> {
    return this.wait_event_state(wq, condition, TASK_INTERRUPTIBLE)
  }

  wait_event_killable(
    wq: wait_queue_head,
    condition: wait_condition,
  ): MaybePromise<errno_t> {
    return this.wait_event_state(wq, condition, TASK_KILLABLE)
  }

  /** Sleep in `state` until `condition`: 0, or -ERESTARTSYS if a signal ends it. */
  wait_event_state(
    wq: wait_queue_head,
    condition: wait_condition,
    state: number,
    flags = 0,
  ): MaybePromise<errno_t> {
    return condition() ? 0 : ___wait_event(this.#calls, wq, condition, { state, flags })
  }

  /** As wait_event_state(), for `timeout` ticks at most; returns as wait_event_timeout(). */
  wait_event_state_timeout(
    wq: wait_queue_head,
    condition: wait_condition,
    timeout: number,
    state: number,
    flags = 0,
  ): MaybePromise<number> {
    return ___wait_event_timeout(this.#calls, wq, condition, { state, flags }, timeout)
  }

  readonly #autoremove: wait_queue_func_t = (wq_entry, mode) =>
    this.autoremove_wake_function(wq_entry, mode)

  #wakeExclusive(wq: wait_queue_head, mode: number, nr: number, key: unknown): void {
    let left = nr || wq.exclusive.size
    let entry = wq.exclusive.first
    // Those behind so many have come because of this.
    for (let n = wq.exclusive.size; entry && n > 0; n--) {
      const next: wait_queue_entry | undefined = entry.behind
      const woken = entry.func(entry, mode, 0, key)
      if (woken < 0 || (woken && --left === 0)) return
      entry = next?.line === wq.exclusive ? next : wq.exclusive.first
    }
  }
}

function enqueue(wq: wait_queue_head, wq_entry: wait_queue_entry): void {
  const isExclusive = (wq_entry.flags & WQ_FLAG_EXCLUSIVE) !== 0
  ;(isExclusive ? wq.exclusive : wq.entries).add(wq_entry)
}

function dequeue(wq_entry: wait_queue_entry): void {
  wq_entry.line?.delete(wq_entry)
}
