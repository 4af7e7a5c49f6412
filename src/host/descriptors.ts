// read(2), write(2) and what else is done to a descriptor, without node's thread pool.
//
// Here and in the other files of this folder a failed call answers -errno.

import { fcntl as F } from './constants.ts'
import type { Koffi, Library } from './koffi.ts'

type Transfer = (fd: number, bytes: Uint8Array, length: number) => number

export class Descriptors {
  readonly #errno: () => number
  readonly #read: Transfer
  readonly #write: Transfer
  readonly #fcntl: (fd: number, cmd: number, arg: number) => number

  constructor(koffi: Koffi, libc: Library) {
    this.#errno = koffi.errno
    this.#read = libc.func('long read(int, void *, size_t)')
    this.#write = libc.func('long write(int, void *, size_t)')
    this.#fcntl = libc.func('int fcntl(int, int, long)')
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
