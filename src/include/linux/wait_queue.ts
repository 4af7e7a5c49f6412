// Wait queues and those who stand in them, for waiting by hand. Implemented in kernel/wait.ts. Drivers
// import '#linux/wait'. Linux: include/linux/wait.h.
import type { WaitQueues } from '../../kernel/wait.ts'
import type { task_struct } from './sched.ts'
import { spinlock } from './spinlock.ts'
import { type in_line, wait_line } from './wait_line.ts'

declare const current: task_struct

/** In `flags`: wake_up() wakes only the first of these. */
export const WQ_FLAG_EXCLUSIVE = 0x01
/** In `flags`: somebody has called, see wait_woken(). */
export const WQ_FLAG_WOKEN = 0x02

/**
 * Called for each who waits. `key` is what the waker says, often EPOLL* flags, null if nothing.
 * Positive: it counts as woken; 0: it does not; negative: wake nobody else.
 */
export type wait_queue_func_t = (
  wq_entry: wait_queue_entry,
  mode: number,
  flags: number,
  key: unknown,
) => number

/** One who waits. */
export class wait_queue_entry implements in_line<wait_queue_entry> {
  flags = 0
  /** Who: C's `private`. */
  task: task_struct | undefined = undefined
  func: wait_queue_func_t = () => 0
  /** @internal where it is in line, and between whom */
  line: wait_line<wait_queue_entry> | undefined = undefined
  /** @internal */
  before: wait_queue_entry | undefined = undefined
  /** @internal */
  behind: wait_queue_entry | undefined = undefined
}

export type wait_queue_entry_t = wait_queue_entry

/** `DECLARE_WAIT_QUEUE_HEAD(wq)` is `const wq = new wait_queue_head()`. */
export class wait_queue_head {
  /** For the functions whose names say that it is held. */
  readonly lock = new spinlock()
  /** @internal in the order of their coming */
  readonly entries = new wait_line<wait_queue_entry>()
  /** @internal those with WQ_FLAG_EXCLUSIVE, whose turn comes behind the others */
  readonly exclusive = new wait_line<wait_queue_entry>()
}

export type wait_queue_head_t = wait_queue_head

/** Nobody waits. */
export function init_waitqueue_head(wq: wait_queue_head): void {
  wq.entries.clear()
  wq.exclusive.clear()
}

/** Is anybody waiting? */
export const waitqueue_active = (wq: wait_queue_head): boolean =>
  wq.entries.size + wq.exclusive.size > 0
/** As waitqueue_active(), with a memory barrier. */
export const wq_has_sleeper = waitqueue_active

/** An entry for `current`, to wait by hand: `DEFINE_WAIT(wait)` is `const wait = DEFINE_WAIT()`. */
export const DEFINE_WAIT = (): wait_queue_entry =>
  DEFINE_WAIT_FUNC(autoremove_wake_function)

/** As DEFINE_WAIT(), with a function of its own. */
export function DEFINE_WAIT_FUNC(func: wait_queue_func_t): wait_queue_entry {
  const wq_entry = new wait_queue_entry()
  wq_entry.task = current
  wq_entry.func = func
  return wq_entry
}

/** An entry that stays in the queue when `tsk` is woken. */
export function DECLARE_WAITQUEUE(tsk: task_struct): wait_queue_entry {
  const wq_entry = new wait_queue_entry()
  init_waitqueue_entry(wq_entry, tsk)
  return wq_entry
}

/** Make `wq_entry` what DEFINE_WAIT() gives. */
export const init_wait = (wq_entry: wait_queue_entry): void =>
  init_wait_entry(wq_entry, 0)

/** Make `wq_entry` what DECLARE_WAITQUEUE() gives. */
export function init_waitqueue_entry(wq_entry: wait_queue_entry, p: task_struct): void {
  wq_entry.flags = 0
  wq_entry.task = p
  wq_entry.func = default_wake_function
}

/** Make `wq_entry` one that stands for no task. */
export function init_waitqueue_func_entry(
  wq_entry: wait_queue_entry,
  func: wait_queue_func_t,
): void {
  wq_entry.flags = 0
  wq_entry.task = undefined
  wq_entry.func = func
}

/** Get in line. */
export declare const add_wait_queue: WaitQueues['add_wait_queue']
/** Get in line as one of those of whom wake_up() wakes only the first. */
export declare const add_wait_queue_exclusive: WaitQueues['add_wait_queue_exclusive']
/** Leave the line. */
export declare const remove_wait_queue: WaitQueues['remove_wait_queue']
/** Get in line, if not there yet, and set the state for schedule(). Then test the condition. */
export declare const prepare_to_wait: WaitQueues['prepare_to_wait']
/** As prepare_to_wait(), as an exclusive one; true if nobody else was in line. */
export declare const prepare_to_wait_exclusive: WaitQueues['prepare_to_wait_exclusive']
/** As prepare_to_wait(): 0, or -ERESTARTSYS and out of the line if a signal ends such a sleep. */
export declare const prepare_to_wait_event: WaitQueues['prepare_to_wait_event']
/** Leave the line, and be running. */
export declare const finish_wait: WaitQueues['finish_wait']
/** @internal */
export declare const init_wait_entry: WaitQueues['init_wait_entry']
/** Wakes the task. For `func`. */
export declare const default_wake_function: WaitQueues['default_wake_function']
/** Wakes the task and takes it out of the line. For `func`. */
export declare const autoremove_wake_function: WaitQueues['autoremove_wake_function']
/** Wakes the task and remembers it, for wait_woken(). For `func`. */
export declare const woken_wake_function: WaitQueues['woken_wake_function']
/**
 * Sleep in state `mode` for `timeout` ticks at most, unless woken since the last time; how many
 * ticks are left. With DEFINE_WAIT_FUNC(woken_wake_function) and add_wait_queue() once before it.
 */
export declare const wait_woken: WaitQueues['wait_woken']
