// Other processes' descriptors: pidfd_open(2), pidfd_getfd(2), and what lies behind one.

import { closeSync } from 'node:fs'
import { ESRCH } from '../include/uapi/errno.ts'
import { PIDFD_GETFD, PIDFD_OPEN } from './call_numbers.ts'
import type { Koffi, Library } from './koffi.ts'

/** Processes kept in hand, so that the next call of the same one is cheaper. */
const KEPT = 16

export class Pidfds {
  readonly #koffi: Koffi
  readonly #open: (nr: number, pid: number, flags: number) => number
  readonly #getfd: (nr: number, pidfd: number, fd: number, flags: number) => number
  readonly #close: (fd: number) => number
  /** By process; the oldest first. One stays bound to its process, whoever has the number later. */
  readonly #kept = new Map<number, number>()

  constructor(koffi: Koffi, libc: Library) {
    this.#koffi = koffi
    this.#open = libc.func('long syscall(long, int, unsigned int)')
    this.#getfd = libc.func('long syscall(long, int, int, unsigned int)')
    this.#close = libc.func('int close(int)')
  }

  /** The same open file as descriptor `fd` of process `pid`, close-on-exec; or -errno. */
  getfd(pid: number, fd: number): number {
    const kept = this.#kept.get(pid)
    if (kept !== undefined) {
      const got = this.#get(kept, fd)
      if (got !== -ESRCH) return got
      this.#forget(pid, kept)
    }
    const pidfd = this.#open(PIDFD_OPEN, pid, 0)
    if (pidfd < 0) return -this.#koffi.errno()
    this.#keep(pid, pidfd)
    return this.#get(pidfd, fd)
  }

  /** Close what getfd() gave; without the error that a file may tell then. */
  close(fd: number): void {
    this.#close(fd)
  }

  #get(pidfd: number, fd: number): number {
    const got = this.#getfd(PIDFD_GETFD, pidfd, fd, 0)
    return got < 0 ? -this.#koffi.errno() : got
  }

  #keep(pid: number, pidfd: number): void {
    const [oldest] = this.#kept
    if (oldest && this.#kept.size >= KEPT) this.#forget(...oldest)
    this.#kept.set(pid, pidfd)
  }

  #forget(pid: number, pidfd: number): void {
    this.#kept.delete(pid)
    closeSync(pidfd)
  }
}
