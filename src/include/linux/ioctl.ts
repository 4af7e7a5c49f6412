// Numbers of ioctl commands. Linux: include/linux/ioctl.h.
export * from '../uapi/ioctl.ts'
