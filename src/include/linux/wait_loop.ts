// The loop in the middle of wait_event() and its relatives: get in line, look, sleep. Linux:
// ___wait_event() in include/linux/wait.h.
//
// The kernel has the same loop, on its own functions; a driver's are symbols.
import type { Scheduler } from '../../kernel/sched.ts'
import type { Timeouts } from '../../kernel/time/sleep_timeout.ts'
import type { WaitQueues } from '../../kernel/wait.ts'
import type { call_site } from './call_site.ts'
import { might_sleep } from './might_sleep.ts'
import { TASK_INTERRUPTIBLE, TASK_WAKEKILL } from './sched.ts'
import type { errno_t, MaybePromise } from './types.ts'
import { wait_queue_entry } from './wait_queue.ts'
import type { wait_queue_head } from './wait_queue.ts'

declare const schedule: Scheduler['schedule']
declare const schedule_timeout: Timeouts['schedule_timeout']
declare const init_wait_entry: WaitQueues['init_wait_entry']
declare const prepare_to_wait_event: WaitQueues['prepare_to_wait_event']
declare const finish_wait: WaitQueues['finish_wait']

/** What one waits for: looked at again after each wake-up. */
export type wait_condition = () => boolean

/** @internal How one waits. */
export interface wait_how {
  /** TASK_* */
  state: number
  /** WQ_FLAG_EXCLUSIVE or 0. */
  flags?: number
  /** In place of schedule(). */
  sleep?: () => MaybePromise<unknown>
}

/** @internal What ___wait_event() stands on; the kernel itself has it elsewhere than drivers. */
export interface wait_calls {
  init_wait_entry: WaitQueues['init_wait_entry']
  prepare_to_wait_event: WaitQueues['prepare_to_wait_event']
  finish_wait: WaitQueues['finish_wait']
  schedule: Scheduler['schedule']
}

/** @internal Does something before and after a sleep. */
export type wait_around = <T>(sleep: () => Promise<T>) => Promise<T>

/** @internal Get in line, look, sleep, until `condition`. */
export async function ___wait_event(
  calls: wait_calls,
  wq: wait_queue_head,
  condition: wait_condition,
  { state, flags = 0, sleep = calls.schedule }: wait_how,
): Promise<errno_t> {
  const interruptible = (state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) !== 0
  const wq_entry = new wait_queue_entry()
  calls.init_wait_entry(wq_entry, flags)
  try {
    for (;;) {
      const err = calls.prepare_to_wait_event(wq, wq_entry, state)
      if (condition()) return 0
      if (err && interruptible) return err
      await sleep()
    }
  } finally {
    calls.finish_wait(wq, wq_entry)
  }
}

/** @internal As ___wait_event(), for `timeout` ticks at most; what wait_event_timeout() returns. */
export function ___wait_event_timeout(
  calls: wait_calls & { schedule_timeout: Timeouts['schedule_timeout'] },
  wq: wait_queue_head,
  condition: wait_condition,
  how: wait_how,
  timeout: number,
): MaybePromise<number> {
  let left = timeout
  const isOver = () => {
    const holds = condition()
    if (holds && left === 0) left = 1
    return holds || left === 0
  }
  if (isOver()) return left
  const sleep = async () => (left = await calls.schedule_timeout(left))
  return ___wait_event(calls, wq, isOver, { ...how, sleep }).then(err => err || left)
}

/** One for all who sleep. Looked up when called: before a module is linked the symbols are not there. */
const calls: wait_calls = {
  get init_wait_entry() {
    return init_wait_entry
  },
  get prepare_to_wait_event() {
    return prepare_to_wait_event
  },
  get finish_wait() {
    return finish_wait
  },
  get schedule() {
    return schedule
  },
}

/** @internal */
export function wait_for(
  wq: wait_queue_head,
  condition: wait_condition,
  how: wait_how,
  site?: call_site,
): MaybePromise<errno_t> {
  might_sleep(site)
  return wait_until(wq, condition, how)
}

/** @internal As wait_for(), by one who may hold a spinlock that his `sleep` lets go. */
export function wait_until(
  wq: wait_queue_head,
  condition: wait_condition,
  how: wait_how,
): MaybePromise<errno_t> {
  return condition() ? 0 : ___wait_event(calls, wq, condition, how)
}

/** @internal */
export function wait_at_most(
  wq: wait_queue_head,
  condition: wait_condition,
  how: wait_how,
  timeout: number,
  site?: call_site,
): MaybePromise<number> {
  might_sleep(site)
  return wait_until_timeout(wq, condition, how, timeout)
}

/** @internal wait_at_most() for those who may hold a spinlock; `around` makes a sleep theirs. */
export function wait_until_timeout(
  wq: wait_queue_head,
  condition: wait_condition,
  how: wait_how,
  timeout: number,
  around?: wait_around,
): MaybePromise<number> {
  const sleep = around
    ? (left: number) => around(() => schedule_timeout(left))
    : schedule_timeout
  return ___wait_event_timeout(
    { ...calls, schedule_timeout: sleep },
    wq,
    condition,
    how,
    timeout,
  )
}
