// seccomp(2): a filter on this process's system calls, and serving those of others that a
// filter hands over.

import { EINVAL } from '../include/uapi/errno.ts'
import { callNumbers } from './call_numbers.ts'
import type { Koffi, Library } from './koffi.ts'

const SECCOMP_SET_MODE_FILTER = 1
const FILTER_FLAG_NEW_LISTENER = 1 << 3
/** A call that is being served is only interrupted by death. From Linux 5.19 on. */
const FILTER_FLAG_WAIT_KILLABLE_RECV = 1 << 5

/** Sizes in bytes. */
const SECCOMP_NOTIF_ADDFD_SIZE = 24
export const SECCOMP_NOTIF_SIZE = 80
export const SECCOMP_NOTIF_RESP_SIZE = 24
const SOCK_FILTER_SIZE = 8

const SECCOMP_IOCTL_NOTIF_RECV = 0xc0502100
const SECCOMP_IOCTL_NOTIF_SEND = 0xc0182101
const SECCOMP_IOCTL_NOTIF_ID_VALID = 0x40082102
const SECCOMP_IOCTL_NOTIF_ADDFD = 0x40182103
const SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x40082104
const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1n

const POLLIN = 1
const POLLHUP = 0x10

/** Calls answer 0 or a descriptor, or -errno. */
export class Seccomp {
  readonly #koffi: Koffi
  readonly #seccomp: (nr: number, op: number, flags: number, args: Uint8Array) => number
  readonly #ioctl: (
    fd: number,
    request: number,
    arg: Uint8Array | BigUint64Array,
  ) => number
  readonly #poll: (fds: Int32Array, count: number, timeout: number) => number
  readonly #id = new BigUint64Array(1)
  /** struct pollfd. */
  readonly #pollfd = new Int32Array(2)

  constructor(koffi: Koffi, libc: Library) {
    this.#koffi = koffi
    this.#seccomp = libc.func('long syscall(long, unsigned int, unsigned int, void *)')
    this.#ioctl = libc.func('int ioctl(int, unsigned long, void *)')
    this.#poll = libc.func('int poll(void *, unsigned long, int)')
  }

  /**
   * From now on `program`, classic BPF, decides on the system calls of this thread and all that
   * it executes. The descriptor on which calls arrive that are handed over, close-on-exec.
   */
  listen(program: Uint8Array): number {
    const fprog = new DataView(new ArrayBuffer(16))
    fprog.setUint16(0, program.length / SOCK_FILTER_SIZE, true)
    fprog.setBigUint64(8, this.#koffi.address(program), true)

    const bytes = new Uint8Array(fprog.buffer)
    const killable = FILTER_FLAG_NEW_LISTENER | FILTER_FLAG_WAIT_KILLABLE_RECV
    const fd = this.#install(killable, bytes)
    return fd === -EINVAL ? this.#install(FILTER_FLAG_NEW_LISTENER, bytes) : fd
  }

  #install(flags: number, fprog: Uint8Array): number {
    const { seccomp } = callNumbers()
    const fd = this.#seccomp(seccomp, SECCOMP_SET_MODE_FILTER, flags, fprog)
    return fd < 0 ? -this.#koffi.errno() : fd
  }

  /** Is there a call to receive? 'ended' when no process is left under the filter. */
  pending(listener: number): boolean | 'ended' {
    this.#pollfd[0] = listener
    this.#pollfd[1] = POLLIN
    if (this.#poll(this.#pollfd, 1, 0) <= 0) return false
    const events = (this.#pollfd[1] ?? 0) >>> 16
    return events & POLLIN ? true : events & POLLHUP ? 'ended' : false
  }

  /** Receive the next call into `to`: a struct seccomp_notif. Waits if there is none. */
  receive(listener: number, to: Uint8Array): number {
    to.fill(0)
    return this.#request(listener, SECCOMP_IOCTL_NOTIF_RECV, to)
  }

  /** Answer with a struct seccomp_notif_resp; -ENOENT if the caller has gone. */
  respond(listener: number, from: Uint8Array): number {
    return this.#request(listener, SECCOMP_IOCTL_NOTIF_SEND, from)
  }

  /** Does the caller of that call still wait for its answer? */
  isValid(listener: number, id: bigint): boolean {
    this.#id[0] = id
    return this.#request(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, this.#id) === 0
  }

  /**
   * Give the caller of call `id` a descriptor for the file that is `fd` here, its lowest free one: which
   * one, or -errno. `flags`: O_CLOEXEC or 0.
   */
  addfd(listener: number, id: bigint, fd: number, flags: number): number {
    const addfd = new DataView(new ArrayBuffer(SECCOMP_NOTIF_ADDFD_SIZE))
    addfd.setBigUint64(0, id, true)
    addfd.setUint32(12, fd, true)
    addfd.setUint32(20, flags, true)
    const bytes = new Uint8Array(addfd.buffer)
    const given = this.#ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, bytes)
    return given < 0 ? -this.#koffi.errno() : given
  }

  /** Let callers run where this process runs: less waiting. Where Linux knows it, from 6.6 on. */
  wakeSynchronously(listener: number): void {
    this.#ioctl(
      listener,
      SECCOMP_IOCTL_NOTIF_SET_FLAGS,
      BigUint64Array.of(SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP),
    )
  }

  #request(fd: number, request: number, arg: Uint8Array | BigUint64Array): number {
    return this.#ioctl(fd, request, arg) < 0 ? -this.#koffi.errno() : 0
  }
}
