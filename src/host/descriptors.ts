// read(2), write(2) and what else is done to a descriptor, without node's thread pool.
//
// Here and in the other files of this folder a failed call answers -errno.

import { fcntl as F } from './constants.ts'
import type { Koffi, Library } from './koffi.ts'

type Transfer = (fd: number, bytes: Uint8Array, length: number) => number

/** Of statx(2). */
const AT_EMPTY_PATH = 0x1000
const AT_STATX_DONT_SYNC = 0x4000
const STATX_SIZE = 256

export class Descriptors {
  readonly #errno: () => number
  readonly #read: Transfer
  readonly #write: Transfer
  readonly #fcntl: (fd: number, cmd: number, arg: number) => number

  readonly #ioctl: (fd: number, cmd: number, arg: Uint8Array) => number
  readonly #statx: (
    fd: number,
    path: string,
    flags: number,
    mask: number,
    to: Uint8Array,
  ) => number
  /** struct statx. */
  readonly #stat = new Uint8Array(STATX_SIZE)
  readonly #numbers = new DataView(this.#stat.buffer)

  constructor(koffi: Koffi, libc: Library) {
    this.#errno = koffi.errno
    this.#read = libc.func('long read(int, void *, size_t)')
    this.#write = libc.func('long write(int, void *, size_t)')
    this.#fcntl = libc.func('int fcntl(int, int, long)')
    this.#ioctl = libc.func('int ioctl(int, unsigned long, void *)')
    this.#statx = libc.func('int statx(int, const char *, int, unsigned int, void *)')
  }

  /** Read at most `length` bytes into the start of `to`; how many, or -errno. */
  read(fd: number, to: Uint8Array, length: number): number {
    const n = this.#read(fd, to, length)
    return n < 0 ? -this.#errno() : n
  }

  /** Write the first `length` bytes of `from`; how many were taken, or -errno. */
  write(fd: number, from: Uint8Array, length: number): number {
    const n = this.#write(fd, from, length)
    return n < 0 ? -this.#errno() : n
  }

  /** ioctl(2) whose argument is the address of `arg`: what it answers, or -errno. */
  ioctl(fd: number, cmd: number, arg: Uint8Array): number {
    const ret = this.#ioctl(fd, cmd, arg)
    return ret < 0 ? -this.#errno() : ret
  }

  /**
   * The file system that an open file is on, as "major:minor"; undefined if it cannot be told.
   * Whoever serves that file system is not asked.
   */
  fileSystem(fd: number): string | undefined {
    const flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC
    if (this.#statx(fd, '', flags, 0, this.#stat) < 0) return undefined
    return `${this.#numbers.getUint32(136, true)}:${this.#numbers.getUint32(140, true)}`
  }

  /** From now on reads and writes of this open file do not wait. */
  setNonblocking(fd: number): number {
    const flags = this.#fcntl(fd, F.F_GETFL, 0)
    if (flags < 0) return -this.#errno()

    const err = this.#fcntl(fd, F.F_SETFL, flags | F.O_NONBLOCK)
    return err < 0 ? -this.#errno() : 0
  }

  /** Do (or do not) hand this descriptor to programs that this process executes. */
  setCloseOnExec(fd: number, on: boolean): number {
    const err = this.#fcntl(fd, F.F_SETFD, on ? F.FD_CLOEXEC : 0)
    return err < 0 ? -this.#errno() : 0
  }
}
