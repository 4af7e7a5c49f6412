// Descriptors that drivers give to the program that calls. Linux: fs/file.c.

import { EMFILE } from '../include/linux/errno.ts'
import type { file } from '../include/linux/fs.ts'
import { O_CLOEXEC } from '../include/uapi/fcntl.ts'
import type { Printk } from '../kernel/printk.ts'
import type { Scheduler } from '../kernel/sched.ts'
import type { OpenFiles } from './open.ts'

export class CurrentFiles {
  static readonly EXPORT_SYMBOL = [
    'get_unused_fd_flags',
    'put_unused_fd',
    'fd_install',
    'fput',
  ]
  readonly #sched: Scheduler
  readonly #files: OpenFiles
  readonly #log: Printk
  #told = false

  constructor(sched: Scheduler, files: OpenFiles, log: Printk) {
    this.#sched = sched
    this.#files = files
    this.#log = log
  }

  get_unused_fd_flags(flags: number): number {
    const { files } = this.#sched.current
    if (files) return files.reserve((flags & O_CLOEXEC) !== 0)
    this.#tellWhyNot()
    return -EMFILE
  }

  put_unused_fd(fd: number): void {
    this.#sched.current.files?.unreserve(fd)
  }

  fd_install(fd: number, filp: file): void {
    this.#sched.current.files?.fill(fd, filp)
  }

  fput(filp: file): void {
    void this.#files.fput(filp)
  }

  /** Through a mount nothing can be put into a program. */
  #tellWhyNot(): void {
    if (this.#told) return
    this.#told = true
    const { comm, pid } = this.#sched.current
    const text = 'modbox: %s[%d] gets no descriptor from a driver: run it by modbox run\n'
    this.#log.printk(`\x014${text}`, comm, pid)
  }
}
