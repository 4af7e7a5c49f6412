// Waiting for something that happens once. Implemented in kernel/completion.ts.
// Linux: include/linux/completion.h.
import type { Completions } from '../../kernel/completion.ts'
import { wait_queue_head } from './wait_queue.ts'

/** `DECLARE_COMPLETION(done)` is `const done = new completion()`. */
export class completion {
  /** @internal how many waiters may pass */
  done = 0
  /** @internal */
  readonly wait = new wait_queue_head()
}

/** Nothing has happened yet. */
export const init_completion = (x: completion): void => {
  x.done = 0
}
/** As init_completion(), to use it once more after complete_all(). */
export const reinit_completion = init_completion

/** Sleep until complete(). Signals do not end it. */
export declare const wait_for_completion: Completions['wait_for_completion']
/** As wait_for_completion(), for those who wait for a device. */
export declare const wait_for_completion_io: Completions['wait_for_completion_io']
/** As wait_for_completion(), but a signal ends it: -ERESTARTSYS, else 0. */
export declare const wait_for_completion_interruptible: Completions['wait_for_completion_interruptible']
/** As wait_for_completion(), but a signal that kills ends it: -ERESTARTSYS, else 0. */
export declare const wait_for_completion_killable: Completions['wait_for_completion_killable']
/** As wait_for_completion(), in a state of TASK_*. */
export declare const wait_for_completion_state: Completions['wait_for_completion_state']
/** As wait_for_completion(), for `timeout` ticks at most: how many were left, at least 1; 0: too late. */
export declare const wait_for_completion_timeout: Completions['wait_for_completion_timeout']
/** As wait_for_completion_timeout(), for those who wait for a device. */
export declare const wait_for_completion_io_timeout: Completions['wait_for_completion_io_timeout']
/** As wait_for_completion_timeout(), but a signal ends it: -ERESTARTSYS. */
export declare const wait_for_completion_interruptible_timeout: Completions['wait_for_completion_interruptible_timeout']
/** As wait_for_completion_timeout(), but a signal that kills ends it: -ERESTARTSYS. */
export declare const wait_for_completion_killable_timeout: Completions['wait_for_completion_killable_timeout']
/** Has it happened? True once for each complete(). Does not sleep. */
export declare const try_wait_for_completion: Completions['try_wait_for_completion']
/** It has happened: let one waiter go on, this one or the next to come. */
export declare const complete: Completions['complete']
/** It has happened for good: let everybody go on. */
export declare const complete_all: Completions['complete_all']
/** Would wait_for_completion() return at once? */
export declare const completion_done: Completions['completion_done']
