// Work: functions that a thread of the kernel calls later. Implemented in kernel/work.ts and
// kernel/workqueue.ts and kernel/delayed_work.ts. Linux: include/linux/workqueue.h.
//
// The thread is a task, so the function may sleep: then it is async.
import type { DelayedWorks } from '../../kernel/delayed_work.ts'
import type { Works } from '../../kernel/work.ts'
import type { Workqueues } from '../../kernel/workqueue.ts'
import { embedded } from './container_of.ts'
import { timer_list } from './timer.ts'
import type { MaybePromise } from './types.ts'

export type work_func_t<T = unknown> = (work: work_struct<T>) => MaybePromise<void>

/** @internal One time that a piece of work was queued. */
export interface work_item {
  readonly done: boolean
}

/** `struct work_struct`: `new work_struct(this)` if container_of() is to find the object around it. */
export class work_struct<T = unknown> extends embedded<T> {
  /** @internal */
  func: ((work: never) => MaybePromise<void>) | undefined = undefined
  /** @internal has it been queued, and not begun? */
  pending = false
  /** @internal */
  queued: work_item | undefined = undefined
  /** @internal */
  running: work_item | undefined = undefined
  /** @internal how many wait in cancel_work_sync(): it cannot be queued */
  canceling = 0
}

/** `struct delayed_work`: work that is queued after a time. Its `work` is embedded in it. */
export class delayed_work<T = unknown> extends embedded<T> {
  readonly work = new work_struct<this>(this)
  readonly timer = new timer_list<this>(this)
  /** @internal where it goes when the time has come */
  wq: workqueue_struct | undefined = undefined
}

/** What alloc_workqueue() makes. */
export interface workqueue_struct {
  readonly name: string
}

/** Not bound to a CPU: its workers are kworker/u2. */
export const WQ_UNBOUND = 1 << 1
export const WQ_FREEZABLE = 1 << 2
/** May be used for freeing memory. */
export const WQ_MEM_RECLAIM = 1 << 3
/** Its workers, kworker/0H, come before others. */
export const WQ_HIGHPRI = 1 << 4
export const WQ_CPU_INTENSIVE = 1 << 5
/** It has a directory in sysfs. Not so here. */
export const WQ_SYSFS = 1 << 6
export const WQ_POWER_EFFICIENT = 1 << 7
/** @internal One after the other, in the order in which it was queued. */
export const __WQ_ORDERED = 1 << 17
/** @internal create_workqueue() made it. */
export const __WQ_LEGACY = 1 << 18
/** The most for max_active. */
export const WQ_MAX_ACTIVE = 512
export const WQ_DFL_ACTIVE = WQ_MAX_ACTIVE / 2

/** Bits of work_busy(). */
export const WORK_BUSY_PENDING = 1 << 0
export const WORK_BUSY_RUNNING = 1 << 1

/** Prepare work: `func` is called with it. */
export declare const __init_work: Works['__init_work']
export const INIT_WORK: typeof __init_work = (work, func) => __init_work(work, func)
export const INIT_WORK_ONSTACK = INIT_WORK
export const INIT_DELAYED_WORK = <T>(
  dwork: delayed_work<T>,
  func: work_func_t<delayed_work<T>>,
): void => __init_work(dwork.work, func)

/** `static DECLARE_WORK(work, fn)` is `const work = DECLARE_WORK(fn)`. */
export function DECLARE_WORK(func: work_func_t): work_struct {
  const work = new work_struct()
  work.func = func
  return work
}

/** `static DECLARE_DELAYED_WORK(work, fn)` is `const work = DECLARE_DELAYED_WORK(fn)`. */
export function DECLARE_DELAYED_WORK(func: work_func_t): delayed_work {
  const dwork = new delayed_work()
  dwork.work.func = func
  return dwork
}

/** The delayed work that `work` is the work of. */
export const to_delayed_work = <D>(work: work_struct<D>): D => work.container as D

export const work_pending = (work: work_struct): boolean => work.pending
export const delayed_work_pending = (dwork: delayed_work): boolean => dwork.work.pending

/** The queues that are there for everybody. */
export declare const system_wq: Workqueues['system_wq']
export declare const system_highpri_wq: Workqueues['system_highpri_wq']
/** For work that takes long. */
export declare const system_long_wq: Workqueues['system_long_wq']
export declare const system_unbound_wq: Workqueues['system_unbound_wq']
export declare const system_freezable_wq: Workqueues['system_freezable_wq']
export declare const system_power_efficient_wq: Workqueues['system_power_efficient_wq']

/** A queue of which `max_active` works run at once (0: 256). Its name is printk's way. Null if it failed. */
export declare const alloc_workqueue: Workqueues['alloc_workqueue']
/** A queue whose works run one after the other. */
export const alloc_ordered_workqueue = (
  fmt: string,
  flags: number,
  ...args: unknown[]
): workqueue_struct | null =>
  alloc_workqueue(fmt, WQ_UNBOUND | __WQ_ORDERED | flags, 1, ...args)
export const create_workqueue = (name: string): workqueue_struct | null =>
  alloc_workqueue('%s', __WQ_LEGACY | WQ_MEM_RECLAIM, 1, name)
export const create_singlethread_workqueue = (name: string): workqueue_struct | null =>
  alloc_ordered_workqueue('%s', __WQ_LEGACY | WQ_MEM_RECLAIM, name)
/** Wait until the queue is empty, and end it. */
export declare const destroy_workqueue: Workqueues['destroy_workqueue']
/** Wait until the queue is empty; only work that is running may queue more. */
export declare const drain_workqueue: Workqueues['drain_workqueue']
/** Wait for all that has been queued so far. */
export declare const __flush_workqueue: Workqueues['__flush_workqueue']
export const flush_workqueue = (wq: workqueue_struct): Promise<void> =>
  __flush_workqueue(wq)
export const flush_scheduled_work = (): Promise<void> => __flush_workqueue(system_wq)

/** Queue it, to run on that CPU: false if it was queued already. There is only CPU 0. */
export declare const queue_work_on: Works['queue_work_on']
/** Queue it: false if it was queued already. */
export const queue_work = (wq: workqueue_struct, work: work_struct): boolean =>
  queue_work_on(0, wq, work)
/** queue_work() on the queue for everybody. */
export const schedule_work = (work: work_struct): boolean => queue_work(system_wq, work)
export const schedule_work_on = (cpu: number, work: work_struct): boolean =>
  queue_work_on(cpu, system_wq, work)
/** Wait until it has run, if it was queued or runs: whether it had to be waited for. */
export declare const flush_work: Works['flush_work']
/** Take it out of its queue: whether it was there. It may be running. */
export declare const cancel_work: Works['cancel_work']
/** As cancel_work(), and wait until it no longer runs. It cannot queue itself meanwhile. */
export declare const cancel_work_sync: Works['cancel_work_sync']
/** WORK_BUSY_*. */
export declare const work_busy: Works['work_busy']
/** In work: what runs, else null. */
export declare const current_work: Works['current_work']

export declare const queue_delayed_work_on: DelayedWorks['queue_delayed_work_on']
export declare const mod_delayed_work_on: DelayedWorks['mod_delayed_work_on']
/** Queue it in `delay` ticks: false if it was on its way already. */
export const queue_delayed_work = (
  wq: workqueue_struct,
  dwork: delayed_work,
  delay: number,
): boolean => queue_delayed_work_on(0, wq, dwork, delay)
/** queue_delayed_work() on the queue for everybody. */
export const schedule_delayed_work = (dwork: delayed_work, delay: number): boolean =>
  queue_delayed_work(system_wq, dwork, delay)
/** Queue it in `delay` ticks, also if it was on its way: whether it was. */
export const mod_delayed_work = (
  wq: workqueue_struct,
  dwork: delayed_work,
  delay: number,
): boolean => mod_delayed_work_on(0, wq, dwork, delay)
/** Queue it now if it was on its way, and wait until it has run. */
export declare const flush_delayed_work: DelayedWorks['flush_delayed_work']
/** Take it off its way: whether it was on it. It may be running. */
export declare const cancel_delayed_work: DelayedWorks['cancel_delayed_work']
/** As cancel_delayed_work(), and wait until it no longer runs. */
export declare const cancel_delayed_work_sync: DelayedWorks['cancel_delayed_work_sync']
