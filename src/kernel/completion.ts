// Completions: wait for something that happens once, or once more. Linux: kernel/sched/completion.c.

import type { completion } from '../include/linux/completion.ts'
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_UNINTERRUPTIBLE,
} from '../include/linux/sched.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import { WQ_FLAG_EXCLUSIVE } from '../include/linux/wait_queue.ts'
import type { MightSleep } from './might_sleep.ts'
import type { WaitQueues } from './wait.ts'

/** As often as complete() can have been called: complete_all() has. */
const UINT_MAX = 0xffffffff

export class Completions {
  static readonly EXPORT_SYMBOL = [
    'wait_for_completion',
    'wait_for_completion_timeout',
    'wait_for_completion_io',
    'wait_for_completion_io_timeout',
    'wait_for_completion_interruptible',
    'wait_for_completion_interruptible_timeout',
    'wait_for_completion_killable',
    'wait_for_completion_killable_timeout',
    'wait_for_completion_state',
    'try_wait_for_completion',
    'complete',
    'complete_all',
    'completion_done',
  ] as const

  readonly #wait: WaitQueues
  readonly #debug: Pick<MightSleep, '__might_sleep'>

  constructor(wait: WaitQueues, debug: Pick<MightSleep, '__might_sleep'>) {
    this.#wait = wait
    this.#debug = debug
  }

  wait_for_completion(x: completion): MaybePromise<void> {
    const waited = this.wait_for_completion_state(x, TASK_UNINTERRUPTIBLE)
    return typeof waited === 'number' ? undefined : waited.then(() => {})
  }

  wait_for_completion_io(x: completion): MaybePromise<void> {
    return this.wait_for_completion(x)
  }

  wait_for_completion_interruptible(x: completion): MaybePromise<errno_t> {
    return this.wait_for_completion_state(x, TASK_INTERRUPTIBLE)
  }

  wait_for_completion_killable(x: completion): MaybePromise<errno_t> {
    return this.wait_for_completion_state(x, TASK_KILLABLE)
  }

  wait_for_completion_state(x: completion, state: number): MaybePromise<errno_t> {
    this.#mightSleep()
    return this.#wait.wait_event_state(x.wait, () => take(x), state, WQ_FLAG_EXCLUSIVE)
  }

  wait_for_completion_timeout(x: completion, timeout: number): MaybePromise<number> {
    return this.#timed(x, timeout, TASK_UNINTERRUPTIBLE)
  }

  wait_for_completion_io_timeout(x: completion, timeout: number): MaybePromise<number> {
    return this.#timed(x, timeout, TASK_UNINTERRUPTIBLE)
  }

  wait_for_completion_interruptible_timeout(
    x: completion,
    timeout: number,
  ): MaybePromise<number> {
    return this.#timed(x, timeout, TASK_INTERRUPTIBLE)
  }

  wait_for_completion_killable_timeout(
    x: completion,
    timeout: number,
  ): MaybePromise<number> {
    return this.#timed(x, timeout, TASK_KILLABLE)
  }

  try_wait_for_completion(x: completion): boolean {
    return take(x)
  }

  complete(x: completion): void {
    if (x.done !== UINT_MAX) x.done++
    this.#wait.wake_up(x.wait)
  }

  complete_all(x: completion): void {
    x.done = UINT_MAX
    this.#wait.wake_up_all(x.wait)
  }

  completion_done(x: completion): boolean {
    return x.done > 0
  }

  #timed(x: completion, timeout: number, state: number): MaybePromise<number> {
    this.#mightSleep()
    return this.#wait.wait_event_state_timeout(
      x.wait,
      () => take(x),
      timeout,
      state,
      WQ_FLAG_EXCLUSIVE,
    )
  }

  #mightSleep(): void {
    this.#debug.__might_sleep('kernel/sched/completion.c', 101)
  }
}

/** Each complete() lets one waiter through; after complete_all() all pass. */
function take(x: completion): boolean {
  if (x.done === 0) return false
  if (x.done !== UINT_MAX) x.done--
  return true
}
