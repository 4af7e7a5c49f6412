// Interrupts of this CPU, off and on. Linux: include/linux/irqflags.h.
import { irqs_restore, irqs_save } from './preempt_count.ts'
import type { task_struct } from './sched.ts'

declare const current: task_struct

/** Are interrupts off? */
export const irqs_disabled = (): boolean => current.irqs_disabled
export function local_irq_disable(): void {
  current.irqs_disabled = true
}
export function local_irq_enable(): void {
  current.irqs_disabled = false
}
/** Interrupts off: `const flags = local_irq_save()`, for local_irq_restore(). */
export const local_irq_save = (): number => irqs_save(current)
/** As it was when local_irq_save() gave `flags`. */
export const local_irq_restore = (flags: number): void => irqs_restore(current, flags)
