// Signals. Linux: include/linux/signal.h.
export * from '../uapi/signal.ts'
