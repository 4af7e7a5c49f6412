// Capabilities. Implemented in kernel/capability.ts. Linux: include/uapi/linux/capability.h.
import type { Capabilities } from '../../kernel/capability.ts'

export const CAP_CHOWN = 0
export const CAP_DAC_OVERRIDE = 1
export const CAP_DAC_READ_SEARCH = 2
export const CAP_FOWNER = 3
export const CAP_KILL = 5
export const CAP_SYS_MODULE = 16
export const CAP_SYS_RAWIO = 17
export const CAP_SYS_ADMIN = 21
export const CAP_SYS_BOOT = 22
export const CAP_SYS_NICE = 23
export const CAP_SYS_RESOURCE = 24
export const CAP_SYS_TTY_CONFIG = 26
export const CAP_MKNOD = 27
export const CAP_SYSLOG = 34

/** May the caller do what `cap` stands for? */
export declare const capable: Capabilities['capable']
