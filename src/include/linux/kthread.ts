// Threads of the kernel. Implemented in kernel/kthread.ts. Linux: include/linux/kthread.h.
//
// A thread's function is async and sleeps in each round: one that does not keeps the CPU for ever.
import type { Kthreads } from '../../kernel/kthread.ts'
import { type task_struct, wake_up_process } from './sched.ts'
import type { MaybePromise } from './types.ts'

/** @internal What kthread_create() calls. */
export declare const kthread_create_on_node: Kthreads['kthread_create_on_node']

/** A thread that will call `threadfn(data)` once wake_up_process() starts it. Its name is printk's way. */
export const kthread_create = <T>(
  threadfn: (data: T) => MaybePromise<number>,
  data: T,
  namefmt: string,
  ...args: unknown[]
): task_struct => kthread_create_on_node(threadfn, data, -1, namefmt, ...args)

/** As kthread_create(), and started. */
export function kthread_run<T>(
  threadfn: (data: T) => MaybePromise<number>,
  data: T,
  namefmt: string,
  ...args: unknown[]
): task_struct {
  const k = kthread_create(threadfn, data, namefmt, ...args)
  wake_up_process(k)
  return k
}

/**
 * Tell the thread to end, wake it, and wait until it has ended: what its function returned, or -EINTR
 * if it was never started.
 */
export declare const kthread_stop: Kthreads['kthread_stop']
/** In a thread: has somebody called kthread_stop()? */
export declare const kthread_should_stop: Kthreads['kthread_should_stop']
/** Let it run on that CPU only: there is only 0. */
export declare const kthread_bind: Kthreads['kthread_bind']
/** In a thread: complete `comp`, unless it is null, and end with `code`. Does not return. */
export declare const kthread_complete_and_exit: Kthreads['kthread_complete_and_exit']
