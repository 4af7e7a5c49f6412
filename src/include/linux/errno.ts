// Error numbers, with those that never leave the kernel. Linux: include/linux/errno.h.

export * from '../uapi/errno.ts'

/** A signal came: the system call is restarted or ends with EINTR. */
export const ERESTARTSYS = 512
export const ERESTARTNOINTR = 513
export const ERESTARTNOHAND = 514
/** This ioctl is not for me; the program sees ENOTTY. */
export const ENOIOCTLCMD = 515
export const ERESTART_RESTARTBLOCK = 516
export const EPROBE_DEFER = 517
export const ENOTSUPP = 524
/** The call goes on after it has returned; the answer of asynchronous I/O. */
export const EIOCBQUEUED = 529
