// Wait queues: where tasks sleep until something happens. Implemented in kernel/wait.ts.
// Linux: include/linux/wait.h.
import type { WaitQueues } from '../../kernel/wait.ts'

/**
 * @internal One who waits. `wake` returns whether it counts as woken; one whose sleep no signal
 * can end is left alone if `interruptibleOnly`.
 */
export interface wait_queue_entry {
  readonly exclusive: boolean
  wake(interruptibleOnly: boolean): boolean
}

/** `DECLARE_WAIT_QUEUE_HEAD(wq)` is `const wq = new wait_queue_head()`. */
export class wait_queue_head {
  /** @internal */
  readonly entries = new Set<wait_queue_entry>()
}

export type wait_queue_head_t = wait_queue_head

/** Sleep until `condition()`; it is tested again after each wake-up. Signals do not end it. */
export declare const wait_event: WaitQueues['wait_event']
/** As wait_event(), but a signal ends it: -ERESTARTSYS, else 0. */
export declare const wait_event_interruptible: WaitQueues['wait_event_interruptible']
/** As wait_event(), as one of those of whom wake_up() wakes only the first. */
export declare const wait_event_exclusive: WaitQueues['wait_event_exclusive']
/** As wait_event_interruptible(), as one of those of whom wake_up() wakes only the first. */
export declare const wait_event_interruptible_exclusive: WaitQueues['wait_event_interruptible_exclusive']
/** Wake all who wait, but of the exclusive ones only the first. */
export declare const wake_up: WaitQueues['wake_up']
/** Wake everybody. */
export declare const wake_up_all: WaitQueues['wake_up_all']
/** As wake_up(), for tasks in an interruptible sleep. */
export declare const wake_up_interruptible: WaitQueues['wake_up_interruptible']
/** As wake_up_all(), for tasks in an interruptible sleep. */
export declare const wake_up_interruptible_all: WaitQueues['wake_up_interruptible_all']
/** Is anybody waiting? */
export declare const waitqueue_active: WaitQueues['waitqueue_active']
