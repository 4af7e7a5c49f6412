// Numbers of the system calls that this program makes or serves for others, as the host counts.
// Linux: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h.

export interface CallNumbers {
  readonly ioctl: number
  readonly fcntl: number
  readonly epoll_ctl: number
  readonly mmap: number
  readonly init_module: number
  readonly finit_module: number
  readonly delete_module: number
  readonly syslog: number
  readonly mknod: number | undefined
  readonly mknodat: number
  readonly mount: number
  readonly seccomp: number
}

const X64: CallNumbers = {
  ioctl: 16,
  fcntl: 72,
  epoll_ctl: 233,
  mmap: 9,
  init_module: 175,
  finit_module: 313,
  delete_module: 176,
  syslog: 103,
  mknod: 133,
  mknodat: 259,
  mount: 165,
  seccomp: 317,
}

const ARM64: CallNumbers = {
  ioctl: 29,
  fcntl: 25,
  epoll_ctl: 21,
  mmap: 222,
  init_module: 105,
  finit_module: 273,
  delete_module: 106,
  syslog: 116,
  mknod: undefined,
  mknodat: 33,
  mount: 40,
  seccomp: 277,
}

/** Newer calls have one number on all machines. */
export const MOVE_MOUNT = 429
export const PIDFD_OPEN = 434
export const PIDFD_GETFD = 438

export function callNumbers(arch: string = process.arch): CallNumbers {
  return arch === 'arm64' ? ARM64 : X64
}
