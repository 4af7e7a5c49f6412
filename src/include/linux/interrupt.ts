// Interrupts and tasklets. Linux: include/linux/interrupt.h.
export * from './tasklet.ts'
