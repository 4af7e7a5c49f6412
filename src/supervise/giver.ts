// Descriptors that drivers make for their callers: opens the files in the machine, and puts them there.

import { O_CLOEXEC } from '../include/uapi/fcntl.ts'
import type { GivenFile } from '../syscall/forward.ts'

interface Needs {
  /** Open the file here, or -errno. */
  readonly open: (given: GivenFile) => number
  /** Give the caller of call `id` one of its own: which, or -errno. */
  readonly addfd: (id: bigint, file: number, flags: number) => number
  readonly close: (file: number) => void
}

/** A caller got `instead` where the driver has been told `fd`, or -errno. */
interface Other {
  readonly fd: number
  readonly instead: number
}

export class Giver {
  readonly #needs: Needs
  readonly #others = new Map<bigint, Other>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Call `id` has made that file. */
  give(id: bigint, given: GivenFile): void {
    const { fd } = given
    const instead = this.#put(id, given)
    if (instead !== fd) this.#others.set(id, { fd, instead })
  }

  /**
   * What call `id` answers, of which the machine says `ret`. Another thread of the caller's may have taken the
   * number meanwhile; a driver that answers with it is put right.
   */
  answer(id: bigint, ret: number): number {
    const other = this.#others.get(id)
    this.#others.delete(id)
    if (!other) return ret
    return other.instead < 0 || ret === other.fd ? other.instead : ret
  }

  #put(id: bigint, given: GivenFile): number {
    const { open, addfd, close } = this.#needs
    const file = open(given)
    if (file < 0) return file
    const fd = addfd(id, file, given.flags & O_CLOEXEC)
    close(file)
    return fd
  }
}
