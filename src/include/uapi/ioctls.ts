// ioctls that are about any open file: the kernel answers them without the driver.
// Linux: include/uapi/asm-generic/ioctls.h, include/uapi/linux/fs.h.

/** Size of the blocks of its file system. */
export const FIGETBSZ = 2
/** O_NONBLOCK on or off. */
export const FIONBIO = 0x5421
/** Stays open, or not, in the program that execve(2) starts. */
export const FIONCLEX = 0x5450
export const FIOCLEX = 0x5451
/** O_ASYNC on or off. */
export const FIOASYNC = 0x5452
/** Copies without copying, extents, freezing: of file systems, whatever the file is. */
export const FICLONE = 0x40049409
export const FICLONERANGE = 0x4020940d
export const FIDEDUPERANGE = 0xc0189436
export const FS_IOC_FIEMAP = 0xc020660b
export const FIFREEZE = 0xc0045877
export const FITHAW = 0xc0045878
/** Where a block of a regular file lies; a device's driver gets it. */
export const FIBMAP = 1
/** Bytes to read of a regular file; a device's driver gets it. */
export const FIONREAD = 0x541b
