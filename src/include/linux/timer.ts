// Timers: a function of a driver is called at a tick to come. Implemented in kernel/time/timer.ts.
// Linux: include/linux/timer.h.
//
// The function runs in interrupt context: it may not sleep, and `current` is nobody in particular.
import type { Timers } from '../../kernel/time/timer.ts'
import { container_of, embedded } from './container_of.ts'

/** @internal Timers that go off at the same tick. */
export interface timer_bucket {
  readonly tick: number
  readonly timers: Set<timer_list>
}

/** `struct timer_list`: `new timer_list(this)` if from_timer() is to find the object around it. */
export class timer_list<T = unknown> extends embedded<T> {
  /** When it goes off, in jiffies: for add_timer(). */
  expires = 0
  /** TIMER_* */
  flags = 0
  /** @internal */
  function: ((timer: never) => void) | undefined = undefined
  /** @internal has it been set up? */
  ready = false
  /** @internal where it waits */
  entry: timer_bucket | undefined = undefined
}

/** It need not wake an idle CPU. Here every timer does. */
export const TIMER_DEFERRABLE = 0x00080000
/** Stay on the CPU that it was started on: there is one. */
export const TIMER_PINNED = 0x00100000
export const TIMER_IRQSAFE = 0x00200000

/** @internal What timer_setup() calls. */
export declare const init_timer_key: Timers['init_timer_key']

/** Prepare a timer; it is not running yet. `fn` is called with the timer when it goes off. */
export function timer_setup<T>(
  timer: timer_list<T>,
  fn: (timer: timer_list<T>) => void,
  flags: number,
): void {
  init_timer_key(timer, fn, flags)
}

/** The same thing here, where nothing is on the stack. */
export const timer_setup_on_stack = timer_setup

/** A timer of file scope: `static DEFINE_TIMER(t, fn)` is `const t = DEFINE_TIMER(fn)`. */
export function DEFINE_TIMER(fn: (timer: timer_list) => void): timer_list {
  const timer = new timer_list()
  timer.function = fn
  timer.ready = true
  return timer
}

/** The object that the timer is embedded in: `from_timer(dev, t, timer)` is `from_timer(t)`. */
export const from_timer: <T>(timer: timer_list<T>) => T = container_of

/** Is it waiting for its time? Not so any more when its function is called. */
export const timer_pending = (timer: timer_list): boolean => timer.entry !== undefined

/** Start it; it goes off when jiffies has passed `timer.expires`. One that is running is a warning. */
export declare const add_timer: Timers['add_timer']
/** As add_timer(), on a certain CPU: there is only 0. */
export declare const add_timer_on: Timers['add_timer_on']
/** Start it, or move it to another time: 1 if it was running, 0 if not. */
export declare const mod_timer: Timers['mod_timer']
/** As mod_timer(), but one that is not running stays so. */
export declare const mod_timer_pending: Timers['mod_timer_pending']
/** As mod_timer(), but it never goes off later than it would have. */
export declare const timer_reduce: Timers['timer_reduce']
/** Stop it: 1 if it was running, 0 if not. */
export declare const timer_delete: Timers['timer_delete']
/** As timer_delete(); its function is not running either, so not from that function itself. */
export declare const timer_delete_sync: Timers['timer_delete_sync']
/** As timer_delete_sync(), but -1 instead of waiting for the function. */
export declare const try_to_del_timer_sync: Timers['try_to_del_timer_sync']
/** As timer_delete(), and it cannot be started again before the next timer_setup(). */
export declare const timer_shutdown: Timers['timer_shutdown']
/** As timer_delete_sync(), and it cannot be started again before the next timer_setup(). */
export declare const timer_shutdown_sync: Timers['timer_shutdown_sync']

/** timer_delete(), by its older name. */
export const del_timer = (timer: timer_list): number => timer_delete(timer)
/** timer_delete_sync(), by its older name. */
export const del_timer_sync = (timer: timer_list): number => timer_delete_sync(timer)

/** What timer_setup_on_stack() is ended with. */
export const destroy_timer_on_stack = (_timer: timer_list): void => {}

/** `j`, moved to the next whole second if possible, so that timers go off together. */
export declare const round_jiffies: Timers['round_jiffies']
/** As round_jiffies(), of a number of ticks from now. */
export declare const round_jiffies_relative: Timers['round_jiffies_relative']
/** As round_jiffies(), never earlier than `j`. */
export declare const round_jiffies_up: Timers['round_jiffies_up']
/** As round_jiffies_relative(), never shorter than `j`. */
export declare const round_jiffies_up_relative: Timers['round_jiffies_up_relative']
