// The calling process, and sleeping. Implemented in kernel/sched.ts. Linux: include/linux/sched.h.
import type { Scheduler } from '../../kernel/sched.ts'

/** A thread that is in the kernel. */
export interface task_struct {
  /** The thread's id: what gettid(2) gives. */
  readonly pid: number
  /** The process's id: what getpid(2) gives. */
  readonly tgid: number
  /** Name of the program, at most 15 characters. */
  readonly comm: string
  readonly cred: { readonly uid: number; readonly gid: number }
}

/** Who called the driver; swapper/0 (pid 0) in timers and interrupts. */
export declare const current: Scheduler['current']
/** Sleep until somebody calls wake_up_process(). */
export declare const schedule: Scheduler['schedule']
/** Wake a sleeper; false if it was awake. */
export declare const wake_up_process: Scheduler['wake_up_process']
/** Has `p` a signal waiting? */
export declare const signal_pending: Scheduler['signal_pending']
