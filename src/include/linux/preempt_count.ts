// How the preempt_count and the interrupts of a task change; see preempt_mask.ts. Nothing ever comes
// between two awaits on this machine, but who may not sleep has to know. Linux: include/linux/preempt.h,
// irqflags.h.
import type { task_struct } from './sched.ts'

/** Of the flags that local_irq_save() gives: interrupts were on. X86_EFLAGS_IF. */
const IRQS_ON = 0x200

/** @internal Who has slept nevertheless has none left: schedule() took them. */
export function preempt_count_sub(task: task_struct, offset: number): void {
  task.preempt_count = Math.max(0, task.preempt_count - offset)
}

/** @internal Interrupts off; returns what irqs_restore() wants back. */
export function irqs_save(task: task_struct): number {
  const flags = task.irqs_disabled ? 0 : IRQS_ON
  task.irqs_disabled = true
  return flags
}

/** @internal */
export function irqs_restore(task: task_struct, flags: number): void {
  task.irqs_disabled = (flags & IRQS_ON) === 0
}
