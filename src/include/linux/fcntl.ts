// Flags of open files. Linux: include/linux/fcntl.h.
export * from '../uapi/fcntl.ts'
