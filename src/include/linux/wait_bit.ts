// Waiting for a bit to be cleared, or for a variable. Implemented in kernel/wait_bit.ts.
// Linux: include/linux/wait_bit.h.
import type { WaitBits } from '../../kernel/wait_bit.ts'
import { clear_bit, test_and_set_bit, test_bit } from './bitops.ts'
import type { bits } from './bitops.ts'
import type { call_site } from './call_site.ts'
import { might_sleep } from './might_sleep.ts'
import { TASK_INTERRUPTIBLE, TASK_KILLABLE, TASK_UNINTERRUPTIBLE } from './sched.ts'
import type { errno_t, MaybePromise } from './types.ts'
import { wait_at_most, wait_for } from './wait_loop.ts'
import type { wait_condition } from './wait_loop.ts'

/** @internal */
export declare const out_of_line_wait_on_bit: WaitBits['out_of_line_wait_on_bit']
/** @internal */
export declare const out_of_line_wait_on_bit_lock: WaitBits['out_of_line_wait_on_bit_lock']
/** @internal */
export declare const out_of_line_wait_on_bit_timeout: WaitBits['out_of_line_wait_on_bit_timeout']
/** @internal */
export declare const __var_waitqueue: WaitBits['__var_waitqueue']
/** Wake those who wait for the bit, after clear_bit(). */
export declare const wake_up_bit: WaitBits['wake_up_bit']
/** Wake those in wait_var_event(). */
export declare const wake_up_var: WaitBits['wake_up_var']

/** Sleep in state `mode` while the bit is set: 0, or -EINTR if a signal ends it. */
export function wait_on_bit(
  word: bits,
  bit: number,
  mode: number,
  site?: call_site,
): MaybePromise<errno_t> {
  might_sleep(site)
  return test_bit(bit, word) ? out_of_line_wait_on_bit(word, bit, mode) : 0
}

/** As wait_on_bit(), and sets the bit. */
export function wait_on_bit_lock(
  word: bits,
  bit: number,
  mode: number,
  site?: call_site,
): MaybePromise<errno_t> {
  might_sleep(site)
  return test_and_set_bit(bit, word) ? out_of_line_wait_on_bit_lock(word, bit, mode) : 0
}

/** As wait_on_bit(), for `timeout` ticks at most: -EAGAIN if the bit is set still. */
export function wait_on_bit_timeout(
  word: bits,
  bit: number,
  mode: number,
  timeout: number,
  site?: call_site,
): MaybePromise<errno_t> {
  might_sleep(site)
  return test_bit(bit, word)
    ? out_of_line_wait_on_bit_timeout(word, bit, mode, timeout)
    : 0
}

/** Clear the bit and wake those who wait for it. */
export function clear_and_wake_up_bit(bit: number, word: bits): void {
  clear_bit(bit, word)
  wake_up_bit(word, bit)
}

/** Sleep until `condition`, looked at when somebody calls wake_up_var() of the same object. */
export const wait_var_event = (
  variable: object,
  condition: wait_condition,
  site?: call_site,
): MaybePromise<errno_t> =>
  wait_for(__var_waitqueue(variable), condition, { state: TASK_UNINTERRUPTIBLE }, site)

/** As wait_var_event(), but a signal ends it: -ERESTARTSYS. */
export const wait_var_event_interruptible = (
  variable: object,
  condition: wait_condition,
  site?: call_site,
): MaybePromise<errno_t> =>
  wait_for(__var_waitqueue(variable), condition, { state: TASK_INTERRUPTIBLE }, site)

/** As wait_var_event(), but a signal that kills ends it: -ERESTARTSYS. */
export const wait_var_event_killable = (
  variable: object,
  condition: wait_condition,
  site?: call_site,
): MaybePromise<errno_t> =>
  wait_for(__var_waitqueue(variable), condition, { state: TASK_KILLABLE }, site)

/** As wait_var_event(), for `timeout` ticks at most; returns as wait_event_timeout(). */
export const wait_var_event_timeout = (
  variable: object,
  condition: wait_condition,
  timeout: number,
  site?: call_site,
): MaybePromise<number> =>
  wait_at_most(
    __var_waitqueue(variable),
    condition,
    { state: TASK_UNINTERRUPTIBLE },
    timeout,
    site,
  )
