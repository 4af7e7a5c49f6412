// Completions: wait for something that happens once, or once more. Linux: kernel/sched/completion.c.

import type { completion } from '../include/linux/completion.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import type { WaitQueues } from './wait.ts'

export class Completions {
  static readonly EXPORT_SYMBOL = [
    'wait_for_completion',
    'wait_for_completion_interruptible',
    'try_wait_for_completion',
    'complete',
    'complete_all',
    'completion_done',
  ] as const

  readonly #wait: WaitQueues

  constructor(wait: WaitQueues) {
    this.#wait = wait
  }

  wait_for_completion(x: completion): MaybePromise<void> {
    const waited = this.#wait.wait_event_exclusive(x.wait, () => take(x))
    return typeof waited === 'number' ? undefined : waited.then(() => {})
  }

  wait_for_completion_interruptible(x: completion): MaybePromise<errno_t> {
    return this.#wait.wait_event_interruptible_exclusive(x.wait, () => take(x))
  }

  try_wait_for_completion(x: completion): boolean {
    return take(x)
  }

  complete(x: completion): void {
    x.done++
    this.#wait.wake_up(x.wait)
  }

  complete_all(x: completion): void {
    x.done = Infinity
    this.#wait.wake_up_all(x.wait)
  }

  completion_done(x: completion): boolean {
    return x.done > 0
  }
}

/** Each complete() lets one waiter through; after complete_all() all pass. */
function take(x: completion): boolean {
  if (x.done === 0) return false
  x.done--
  return true
}
