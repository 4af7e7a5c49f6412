// The descriptors that drivers give to a program under a supervisor. Their numbers are known at once;
// the supervisor puts the files there before the program sees the call's answer.

import type { file } from '../include/linux/fs.ts'
import { O_CLOEXEC } from '../include/uapi/fcntl.ts'
import type { DescriptorTable } from '../kernel/task.ts'
import type { GivenFile } from './forward.ts'

interface Reserved {
  readonly close_on_exec: boolean
  file: file | undefined
}

/** Of one call of one thread. */
export class GivenFiles implements DescriptorTable {
  readonly #lowestFree: (besides: ReadonlySet<number>) => number
  readonly #reserved = new Map<number, Reserved>()

  /** `lowestFree`: of the numbers that the process may use, or -EMFILE. */
  constructor(lowestFree: (besides: ReadonlySet<number>) => number) {
    this.#lowestFree = lowestFree
  }

  reserve(close_on_exec: boolean): number {
    const fd = this.#lowestFree(new Set(this.#reserved.keys()))
    if (fd >= 0) this.#reserved.set(fd, { close_on_exec, file: undefined })
    return fd
  }

  unreserve(fd: number): void {
    this.#reserved.delete(fd)
  }

  fill(fd: number, filp: file): void {
    const reserved = this.#reserved.get(fd)
    if (reserved) reserved.file = filp
  }

  /** Those that are files by now, in the order in which they were reserved. */
  files(): (GivenFile & { file: file })[] {
    return [...this.#reserved].flatMap(([fd, { file, close_on_exec }]) => {
      if (!file) return []
      const flags = file.f_flags | (close_on_exec ? O_CLOEXEC : 0)
      return { fd, flags, path: file.f_path, file }
    })
  }
}
