// The bits of preempt_count. Linux: include/linux/preempt.h.
//
// PREEMPT bits are for spinlocks and preempt_disable(), SOFTIRQ bits for tasklets and timers, HARDIRQ bits
// for handlers of interrupts. Above 0 nobody may sleep.

export const PREEMPT_OFFSET = 0x1
/** A softirq runs. */
export const SOFTIRQ_OFFSET = 0x100
/** Softirqs are kept off: local_bh_disable(). */
export const SOFTIRQ_DISABLE_OFFSET = 2 * SOFTIRQ_OFFSET
/** A handler of an interrupt runs. */
export const HARDIRQ_OFFSET = 0x10000
export const PREEMPT_MASK = 0xff
export const SOFTIRQ_MASK = 0xff00
export const HARDIRQ_MASK = 0xf0000
export const NMI_MASK = 0xf00000
