// Tasklets: functions that interrupts leave for a little later. Drivers import interrupt.ts.
// Implemented in kernel/tasklet.ts. Linux: include/linux/interrupt.h.
import type { Tasklets } from '../../kernel/tasklet.ts'
import { container_of, embedded } from './container_of.ts'

/**
 * `struct tasklet_struct`: a function that runs soon, after the interrupt that schedules it, and may
 * not sleep. `new tasklet_struct(this)` if from_tasklet() is to find the object around it.
 */
export class tasklet_struct<T = unknown> extends embedded<T> {
  /** @internal */
  callback: ((t: never) => void) | undefined = undefined
  /** @internal whose function it is */
  func: ((data: never) => void) | undefined = undefined
  /** @internal */
  scheduled = false
  /** @internal above 0 it does not run: tasklet_disable() */
  count = 0
}

/** `static DECLARE_TASKLET(t, fn)` is `const t = DECLARE_TASKLET(fn)`. */
export function DECLARE_TASKLET(callback: (t: tasklet_struct) => void): tasklet_struct {
  const t = new tasklet_struct()
  t.callback = callback
  t.func = callback
  return t
}

/** As DECLARE_TASKLET(), but it does not run before tasklet_enable(). */
export function DECLARE_TASKLET_DISABLED(
  callback: (t: tasklet_struct) => void,
): tasklet_struct {
  const t = DECLARE_TASKLET(callback)
  t.count = 1
  return t
}

/** As DECLARE_TASKLET(), for a function of the old kind, which is given a number: 0. */
export function DECLARE_TASKLET_OLD(func: (data: number) => void): tasklet_struct {
  const t = DECLARE_TASKLET(() => func(0))
  t.func = func
  return t
}

/** As DECLARE_TASKLET_OLD(), but it does not run before tasklet_enable(). */
export function DECLARE_TASKLET_DISABLED_OLD(
  func: (data: number) => void,
): tasklet_struct {
  const t = DECLARE_TASKLET_OLD(func)
  t.count = 1
  return t
}

/** The object that the tasklet is embedded in: `from_tasklet(dev, t, tasklet)` is `from_tasklet(t)`. */
export const from_tasklet: <T>(t: tasklet_struct<T>) => T = container_of

/** Prepare it; `callback` is called with the tasklet. */
export declare const tasklet_setup: Tasklets['tasklet_setup']
/** Prepare it the old way; `func` is called with `data`. */
export declare const tasklet_init: Tasklets['tasklet_init']
/** @internal */
export declare const __tasklet_schedule: Tasklets['__tasklet_schedule']
/** @internal */
export declare const __tasklet_hi_schedule: Tasklets['__tasklet_hi_schedule']
/** Wait until it has run for the last time: nobody may schedule it any more. */
export declare const tasklet_kill: Tasklets['tasklet_kill']

/** Let it run soon, once, however often it is scheduled before it runs. */
export function tasklet_schedule(t: tasklet_struct): void {
  if (t.scheduled) return
  t.scheduled = true
  __tasklet_schedule(t)
}

/** As tasklet_schedule(), before all others. */
export function tasklet_hi_schedule(t: tasklet_struct): void {
  if (t.scheduled) return
  t.scheduled = true
  __tasklet_hi_schedule(t)
}

/** Keep it from running; it stays scheduled. Ends with as many tasklet_enable(). */
export function tasklet_disable_nosync(t: tasklet_struct): void {
  t.count++
}

/** The same here: no tasklet is half-way when anybody else runs. */
export const tasklet_disable = tasklet_disable_nosync

export function tasklet_enable(t: tasklet_struct): void {
  t.count--
}
