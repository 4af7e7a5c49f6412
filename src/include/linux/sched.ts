// The calling process, and sleeping. Implemented in kernel/sched.ts and
// kernel/time/sleep_timeout.ts. Linux: include/linux/sched.h, sched/signal.h.
import type { ModuleSchedule } from '../../kernel/module/schedule.ts'
import type { Scheduler } from '../../kernel/sched.ts'
import type { Timeouts } from '../../kernel/time/sleep_timeout.ts'
import type { call_site } from './call_site.ts'
import { might_resched } from './might_sleep.ts'
import { cstring } from './string.ts'

export { MAX_SCHEDULE_TIMEOUT } from './jiffies.ts'

/** States for set_current_state(). */
export const TASK_RUNNING = 0
/** Asleep until somebody wakes it, or a signal comes. */
export const TASK_INTERRUPTIBLE = 0x1
/** Asleep until somebody wakes it. */
export const TASK_UNINTERRUPTIBLE = 0x2
export const TASK_PARKED = 0x40
export const TASK_DEAD = 0x80
/** In a state: signals that kill end the sleep. */
export const TASK_WAKEKILL = 0x100
/** In a state: it does not count as load. */
export const TASK_NOLOAD = 0x400
/** In a state: the machine may be suspended meanwhile, which this one never is. */
export const TASK_FREEZABLE = 0x2000
/** Asleep until somebody wakes it, or a signal kills it. */
export const TASK_KILLABLE = TASK_WAKEKILL | TASK_UNINTERRUPTIBLE
/** As TASK_UNINTERRUPTIBLE, for those who wait for work: never reported as hung. */
export const TASK_IDLE = TASK_UNINTERRUPTIBLE | TASK_NOLOAD
/** What wake_up() wakes. */
export const TASK_NORMAL = TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE

/** In `flags`: it is ending. */
export const PF_EXITING = 0x4
/** In `flags`: it works for workqueues. */
export const PF_WQ_WORKER = 0x20
/** In `flags`: a thread of the kernel's own. */
export const PF_KTHREAD = 0x200000

/** Bytes of `comm` with its zero. */
export const TASK_COMM_LEN = 16

/** A thread that is in the kernel. */
export interface task_struct {
  /** The thread's id: what gettid(2) gives. */
  readonly pid: number
  /** The process's id: what getpid(2) gives. */
  readonly tgid: number
  /** Name of the program, at most 15 characters. */
  readonly comm: string
  readonly cred: {
    readonly uid: number
    readonly gid: number
    readonly euid: number
    readonly egid: number
  }
  /** TASK_*: what the next schedule() makes of it. */
  __state: number
  /** PF_* */
  readonly flags: number
  /** Who started it; itself if nobody knows. */
  readonly real_parent: task_struct
  readonly parent: task_struct
  /** @internal see preempt_count.ts */
  preempt_count: number
  /** @internal */
  irqs_disabled: boolean
  /** @internal */
  rcu_read_lock_nesting: number
  /** @internal a signal is waiting */
  readonly signalled: boolean
  /** @internal a signal is ending its process */
  readonly dying: boolean
  /** @internal */
  signal_pending_state(state: number): boolean
}

/** Who called the driver; swapper/0 (pid 0) in timers and interrupts. */
export declare const current: Scheduler['current']
/** `current`. */
export const get_current = (): task_struct => current
/** The number that gettid(2) gives in `tsk`. */
export const task_pid_nr = (tsk: task_struct): number => tsk.pid
/** The number that getpid(2) gives in `tsk`. */
export const task_tgid_nr = (tsk: task_struct): number => tsk.tgid
/** Copy the name with its zero into `buf`, of TASK_COMM_LEN bytes; gives `buf` back. */
export function get_task_comm(buf: Uint8Array, tsk: task_struct): Uint8Array {
  const name = cstring(tsk.comm).subarray(0, TASK_COMM_LEN - 1)
  buf.fill(0, 0, TASK_COMM_LEN)
  buf.set(name)
  return buf
}
/** Keep `tsk` from going: who has the object has it here. */
export const get_task_struct = (tsk: task_struct): task_struct => tsk
export const put_task_struct = (_tsk: task_struct): void => {}

/** Say how the next schedule() is to sleep: TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE. */
export const set_current_state = (state: number): void => {
  current.__state = state
}
export const __set_current_state = set_current_state

/** Sleep until somebody calls wake_up_process(); in state TASK_RUNNING only let others run. */
export declare const schedule: Scheduler['schedule']
/** As schedule(), for those who wait for a device. */
export declare const io_schedule: ModuleSchedule['io_schedule']
/** Wake a sleeper; false if it was awake. */
export declare const wake_up_process: Scheduler['wake_up_process']
/** @internal */
export declare const __cond_resched: Scheduler['__cond_resched']

/**
 * In a long loop: let others run now and then. Await it; not under a spinlock. Whether others had
 * their turn.
 */
export const cond_resched = (
  site?: call_site,
): ReturnType<Scheduler['__cond_resched']> => {
  might_resched(site)
  return __cond_resched()
}

/** Has `p` a signal waiting? */
export const signal_pending = (p: task_struct): boolean => p.signalled
/** Has `p` a signal waiting that kills it? */
export const fatal_signal_pending = (p: task_struct): boolean => p.dying
/** Has `p` a signal waiting that ends a sleep in `state`? */
export const signal_pending_state = (state: number, p: task_struct): boolean =>
  p.signal_pending_state(state)

/** As schedule(), for `timeout` ticks at most; returns how many were left, 0 when time was up. */
export declare const schedule_timeout: Timeouts['schedule_timeout']
/** As schedule_timeout(); a signal ends it too. */
export declare const schedule_timeout_interruptible: Timeouts['schedule_timeout_interruptible']
/** As schedule_timeout(); a signal that kills ends it too. */
export declare const schedule_timeout_killable: Timeouts['schedule_timeout_killable']
/** As schedule_timeout(); only wake_up_process() ends it early. */
export declare const schedule_timeout_uninterruptible: Timeouts['schedule_timeout_uninterruptible']
/** As schedule_timeout_uninterruptible(), and does not count as load. */
export declare const schedule_timeout_idle: Timeouts['schedule_timeout_idle']
/** As schedule_timeout(), for those who wait for a device. */
export declare const io_schedule_timeout: Timeouts['io_schedule_timeout']
