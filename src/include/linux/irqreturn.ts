// What the handler of an interrupt answers. Linux: include/linux/irqreturn.h.

/** It was not my device. */
export const IRQ_NONE = 0
/** I have seen to it. */
export const IRQ_HANDLED = 1
/** Let the thread go on with it. */
export const IRQ_WAKE_THREAD = 2

export type irqreturn_t = number

export const IRQ_RETVAL = (handled: unknown): irqreturn_t =>
  handled ? IRQ_HANDLED : IRQ_NONE
