// The calling process, and sleeping. Implemented in kernel/sched.ts and
// kernel/time/sleep_timeout.ts. Linux: include/linux/sched.h.
import type { Scheduler } from '../../kernel/sched.ts'
import type { Timeouts } from '../../kernel/time/sleep_timeout.ts'

/** States for set_current_state(). */
export const TASK_RUNNING = 0
/** Asleep until somebody wakes it, or a signal comes. */
export const TASK_INTERRUPTIBLE = 1
/** Asleep until somebody wakes it. */
export const TASK_UNINTERRUPTIBLE = 2

/** A thread that is in the kernel. */
export interface task_struct {
  /** The thread's id: what gettid(2) gives. */
  readonly pid: number
  /** The process's id: what getpid(2) gives. */
  readonly tgid: number
  /** Name of the program, at most 15 characters. */
  readonly comm: string
  readonly cred: { readonly uid: number; readonly gid: number }
  /** @internal see preempt.ts */
  preempt_count: number
}

/** Who called the driver; swapper/0 (pid 0) in timers and interrupts. */
export declare const current: Scheduler['current']
/** Say how the next schedule() is to sleep: TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE. */
export declare const set_current_state: Scheduler['set_current_state']
/** Sleep until somebody calls wake_up_process(); in state TASK_RUNNING only let others run. */
export declare const schedule: Scheduler['schedule']
/** Wake a sleeper; false if it was awake. */
export declare const wake_up_process: Scheduler['wake_up_process']
/** Has `p` a signal waiting? */
export declare const signal_pending: Scheduler['signal_pending']

/** As schedule(), for `timeout` ticks at most; returns how many were left, 0 when time was up. */
export declare const schedule_timeout: Timeouts['schedule_timeout']
/** As schedule_timeout(); a signal ends it too. */
export declare const schedule_timeout_interruptible: Timeouts['schedule_timeout_interruptible']
/** As schedule_timeout(); only wake_up_process() ends it early. */
export declare const schedule_timeout_uninterruptible: Timeouts['schedule_timeout_uninterruptible']
