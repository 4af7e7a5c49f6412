// Waking those who sleep in a wait queue. Implemented in kernel/wait.ts. Linux: include/linux/wait.h.
//
// The queues themselves are in wait_queue.ts, wait_event() and its relatives in wait_event.ts and
// wait_event_lock.ts; drivers have it all from here.
import type { WaitQueues } from '../../kernel/wait.ts'
import { TASK_INTERRUPTIBLE, TASK_NORMAL } from './sched.ts'
import type { wait_queue_head } from './wait_queue.ts'

export * from './wait_event.ts'
export * from './wait_event_lock.ts'
export * from './wait_queue.ts'

/** Wake all who wait, but of the exclusive ones only the first. */
export const wake_up = (wq: wait_queue_head): void => __wake_up(wq, TASK_NORMAL, 1, null)
/** As wake_up(), with the first `nr` exclusive ones. */
export const wake_up_nr = (wq: wait_queue_head, nr: number): void =>
  __wake_up(wq, TASK_NORMAL, nr, null)
/** Wake everybody. */
export const wake_up_all = (wq: wait_queue_head): void =>
  __wake_up(wq, TASK_NORMAL, 0, null)
/** As wake_up(), for tasks in an interruptible sleep. */
export const wake_up_interruptible = (wq: wait_queue_head): void =>
  __wake_up(wq, TASK_INTERRUPTIBLE, 1, null)
/** As wake_up_nr(), for tasks in an interruptible sleep. */
export const wake_up_interruptible_nr = (wq: wait_queue_head, nr: number): void =>
  __wake_up(wq, TASK_INTERRUPTIBLE, nr, null)
/** As wake_up_all(), for tasks in an interruptible sleep. */
export const wake_up_interruptible_all = (wq: wait_queue_head): void =>
  __wake_up(wq, TASK_INTERRUPTIBLE, 0, null)

// On one CPU the waker always goes on first, which is all that "sync" asks for.
export { wake_up as wake_up_sync, wake_up_interruptible as wake_up_interruptible_sync }

/** As wake_up(), by one who holds the queue's lock. */
export const wake_up_locked = (wq: wait_queue_head): void =>
  __wake_up_locked(wq, TASK_NORMAL, 1)
/** As wake_up_all(), by one who holds the queue's lock. */
export const wake_up_all_locked = (wq: wait_queue_head): void =>
  __wake_up_locked(wq, TASK_NORMAL, 0)

/** As wake_up(), and tells pollers which EPOLL* flags have come. */
export const wake_up_poll = (wq: wait_queue_head, flags: number): void =>
  __wake_up(wq, TASK_NORMAL, 1, flags)
/** As wake_up_locked(), and tells pollers which EPOLL* flags have come. */
export const wake_up_locked_poll = (wq: wait_queue_head, flags: number): void =>
  __wake_up_locked_key(wq, TASK_NORMAL, flags)
/** As wake_up_interruptible(), and tells pollers which EPOLL* flags have come. */
export const wake_up_interruptible_poll = (wq: wait_queue_head, flags: number): void =>
  __wake_up(wq, TASK_INTERRUPTIBLE, 1, flags)
export { wake_up_interruptible_poll as wake_up_interruptible_sync_poll }

/**
 * Wake those whose state is in `mode`: all, and of the exclusive ones the first `nr_exclusive`; 0
 * is all of them. `key` is for their functions.
 */
export declare const __wake_up: WaitQueues['__wake_up']
/** As __wake_up(), by one who holds the queue's lock. */
export declare const __wake_up_locked: WaitQueues['__wake_up_locked']
/** As __wake_up_locked() of one, with a key. */
export declare const __wake_up_locked_key: WaitQueues['__wake_up_locked_key']
