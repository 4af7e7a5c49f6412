// The descriptors of one process. Linux: fs/file.c.

import { EBADF, EINVAL, EMFILE } from '../include/linux/errno.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import type { file } from '../include/linux/fs.ts'
import type { DescriptorTable } from '../kernel/task.ts'
import type { OpenFile } from './file.ts'
import type { OpenFiles } from './open.ts'

/** Descriptors 0 to 2 are the program's own. */
const FIRST = 3
const RLIMIT_NOFILE = 1024

interface Descriptor {
  /** Undefined while it is only reserved. */
  file: OpenFile | undefined
  close_on_exec: boolean
}

export class FileTable implements DescriptorTable {
  readonly #files: OpenFiles
  readonly #fds = new Map<number, Descriptor>()

  constructor(files: OpenFiles) {
    this.#files = files
  }

  get(fd: number): OpenFile | undefined {
    return this.#fds.get(fd)?.file
  }

  /** All that are in use, in the order they were made. */
  fds(): number[] {
    return [...this.#fds.keys()]
  }

  /** The lowest free descriptor from `from` on, for `file`. */
  install(file: OpenFile, close_on_exec = false, from = FIRST): number {
    return this.#add(file, close_on_exec, from)
  }

  reserve(close_on_exec: boolean): number {
    return this.#add(undefined, close_on_exec, FIRST)
  }

  unreserve(fd: number): void {
    this.#fds.delete(fd)
  }

  fill(fd: number, filp: file): void {
    const descriptor = this.#fds.get(fd)
    if (descriptor) descriptor.file = filp as OpenFile
  }

  #add(file: OpenFile | undefined, close_on_exec: boolean, from: number): number {
    if (from < 0 || from >= RLIMIT_NOFILE) return -EINVAL
    let fd = from
    while (this.#fds.has(fd)) fd++
    if (fd >= RLIMIT_NOFILE) return -EMFILE
    this.#fds.set(fd, { file, close_on_exec })
    return fd
  }

  /** One more descriptor for what `fd` is: dup(2), F_DUPFD. */
  dup(fd: number, close_on_exec = false, from = FIRST): number {
    const file = this.get(fd)
    if (!file) return -EBADF
    const copy = this.install(file, close_on_exec, from)
    if (copy >= 0) this.#files.get_file(file)
    return copy
  }

  /** dup2(2): what `to` was is closed before. */
  async dup2(fd: number, to: number): Promise<number> {
    const file = this.get(fd)
    if (!file || to < 0 || to >= RLIMIT_NOFILE) return -EBADF
    if (fd === to) return to
    this.#files.get_file(file)
    const before = this.get(to)
    this.#fds.set(to, { file, close_on_exec: false })
    if (before) await this.#files.filp_close(before)
    return to
  }

  /** The error of the driver's flush(), if it has one. */
  close(fd: number): MaybePromise<errno_t> {
    const file = this.get(fd)
    if (!file) return -EBADF
    this.#fds.delete(fd)
    return this.#files.filp_close(file)
  }

  /** Of an open `fd`. */
  get_close_on_exec(fd: number): boolean {
    return this.#fds.get(fd)?.close_on_exec ?? false
  }

  set_close_on_exec(fd: number, on: boolean): void {
    const descriptor = this.#fds.get(fd)
    if (descriptor) descriptor.close_on_exec = on
  }

  /** What a child has after fork(2): the same open files. */
  fork(): FileTable {
    const child = new FileTable(this.#files)
    for (const [fd, { file, close_on_exec }] of this.#fds) {
      if (!file) continue
      this.#files.get_file(file)
      child.#fds.set(fd, { file, close_on_exec })
    }
    return child
  }
}
