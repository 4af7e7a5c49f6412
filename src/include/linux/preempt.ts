// What kind of code is running: a task, a softirq, an interrupt. Linux: include/linux/preempt.h.
//
// The count is kept with the task that is current: see preempt_mask.ts for its bits.
import {
  HARDIRQ_MASK,
  NMI_MASK,
  PREEMPT_OFFSET,
  SOFTIRQ_MASK,
  SOFTIRQ_OFFSET,
} from './preempt_mask.ts'
import { preempt_count_sub } from './preempt_count.ts'
import type { task_struct } from './sched.ts'

declare const current: task_struct

export * from './preempt_mask.ts'

export const preempt_count = (): number => current.preempt_count
/** Until preempt_enable() this task may not sleep. */
export function preempt_disable(): void {
  current.preempt_count += PREEMPT_OFFSET
}
export const preempt_enable = (): void => preempt_count_sub(current, PREEMPT_OFFSET)
export const preempt_enable_no_resched = preempt_enable

export const hardirq_count = (): number => preempt_count() & HARDIRQ_MASK
export const softirq_count = (): number => preempt_count() & SOFTIRQ_MASK
export const irq_count = (): number =>
  preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK)

/** In the handler of an interrupt? */
export const in_hardirq = (): boolean => hardirq_count() !== 0
/** What older drivers call in_hardirq(). */
export const in_irq = in_hardirq
/** In a softirq, or with softirqs off? */
export const in_softirq = (): boolean => softirq_count() !== 0
/** In a softirq? Timers and tasklets are. */
export const in_serving_softirq = (): boolean => (softirq_count() & SOFTIRQ_OFFSET) !== 0
/** In the handler of an interrupt or a softirq, or with softirqs off? */
export const in_interrupt = (): boolean => irq_count() !== 0
/** Is this a task, whose call it is? */
export const in_task = (): boolean =>
  (preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)) === 0
/** May nobody sleep here? */
export const in_atomic = (): boolean => preempt_count() !== 0
/** May it be preempted? */
export const preemptible = (): boolean => preempt_count() === 0 && !current.irqs_disabled
