// Interrupts, and tasklets. Implemented in kernel/irq/manage.ts and kernel/irq/handle.ts.
// Linux: include/linux/interrupt.h.
//
// This machine has no devices. An interrupt comes from a simulated line (irq_sim.ts), from
// irq_inject_interrupt(), or from `echo trigger > /sys/kernel/debug/irq/irqs/N`.
import type { IrqHandling } from '../../kernel/irq/handle.ts'
import type { Irqs } from '../../kernel/irq/manage.ts'
import type { irqreturn_t } from './irqreturn.ts'
import type { errno_t, MaybePromise } from './types.ts'

export * from './irqreturn.ts'
export * from './tasklet.ts'

export const IRQF_TRIGGER_NONE = 0x0
export const IRQF_TRIGGER_RISING = 0x1
export const IRQF_TRIGGER_FALLING = 0x2
export const IRQF_TRIGGER_HIGH = 0x4
export const IRQF_TRIGGER_LOW = 0x8
export const IRQF_TRIGGER_MASK = 0xf
/** Several drivers have this line. They all say so, and each has a dev_id of its own. */
export const IRQF_SHARED = 0x80
/** No message if the line is taken in another way. */
export const IRQF_PROBE_SHARED = 0x100
/** The line stays off until the thread is done. */
export const IRQF_ONESHOT = 0x2000
/** The line stays off until enable_irq(). */
export const IRQF_NO_AUTOEN = 0x80000

/** Runs in interrupt context: it may not sleep. */
export type irq_handler_t<T = unknown> = (irq: number, dev_id: T) => irqreturn_t
/** Runs in a thread of the kernel. */
export type irq_thread_fn_t<T = unknown> = (
  irq: number,
  dev_id: T,
) => MaybePromise<irqreturn_t>

/**
 * As request_irq(), with a function that a thread calls when `handler` answers IRQ_WAKE_THREAD.
 * Without `handler` each interrupt goes to the thread; that needs IRQF_ONESHOT.
 */
export declare const request_threaded_irq: Irqs['request_threaded_irq']
/** Let `handler` be called for the line `irq`: 0, -EBUSY if it is taken, or -EINVAL. */
export const request_irq = <T>(
  irq: number,
  handler: irq_handler_t<T>,
  flags: number,
  name: string,
  dev: T,
): errno_t => request_threaded_irq(irq, handler, null, flags, name, dev)
/** Give the line back; `dev_id` is what it was requested with. Await it: a thread may have to end. */
export declare const free_irq: Irqs['free_irq']
/** No interrupt of that line is handled until enable_irq(). Waits for handlers that run. */
export declare const disable_irq: Irqs['disable_irq']
/** As disable_irq(), without waiting. */
export declare const disable_irq_nosync: Irqs['disable_irq_nosync']
/** Undo one disable_irq(). An interrupt that came meanwhile is handled now. */
export declare const enable_irq: Irqs['enable_irq']
/** Wait for handlers of that line that run. */
export declare const synchronize_irq: Irqs['synchronize_irq']
/** Let an interrupt come, as a device would: 0, or -EINVAL if nobody has requested the line. */
export declare const irq_inject_interrupt: IrqHandling['irq_inject_interrupt']
/** Handle an interrupt of that line, from the handler of another. */
export declare const generic_handle_irq: IrqHandling['generic_handle_irq']
