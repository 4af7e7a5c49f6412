// Numbers of the host's C library that only this folder and mounting need.

export const fcntl = {
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  FD_CLOEXEC: 1,
  O_NONBLOCK: 0o4000,
} as const

/** Flags of mount(2). */
export const MS_NOSUID = 0x2
export const MS_NODEV = 0x4
export const MS_BIND = 0x1000
export const MS_REC = 0x4000

/** Flags of umount2(2). */
export const MNT_DETACH = 0x2
