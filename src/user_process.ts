// A user program in the same process as the machine: system calls without a mount. Tests and programs
// that embed a machine use it; it is told errors as -errno, as a raw system call is.

import { ENOTDIR } from './include/linux/errno.ts'
import { new_encode_dev } from './include/linux/kdev_t.ts'
import type { dev_t, MaybePromise } from './include/linux/types.ts'
import {
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_LARGEFILE,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
} from './include/uapi/fcntl.ts'
import type { Kernel } from './boot.ts'
import type { OpenFile } from './fs/file.ts'
import type { Inode } from './fs/inode.ts'
import { path_lookup } from './fs/namei.ts'
import type { SignalTarget } from './kernel/pid.ts'
import { type Identity, Task } from './kernel/sched.ts'
import { isPromise } from './lib/is_promise.ts'
import { open_lookup } from './user/lookup.ts'
import { UserMappings } from './user/mappings.ts'

/** The flags that mean something with O_PATH. */
const WITH_O_PATH = O_PATH | O_DIRECTORY | O_NOFOLLOW

export interface Credentials {
  uid?: number
  gid?: number
  comm?: string
  pid?: number
  /** The group of processes it is in; one of its own if absent. */
  pgrp?: number
  /** CAP_*; root has all and others have none if absent. */
  capabilities?: readonly number[]
  /** The number of its controlling terminal: MKDEV(136, 0) for /dev/pts/0. It has none if absent. */
  tty?: dev_t
}

export class UserProcess extends UserMappings implements SignalTarget {
  readonly pid: number
  readonly pgrp: number
  readonly uid: number
  readonly #gid: number
  readonly #comm: string
  readonly #tty: dev_t
  readonly #capabilities: readonly number[] | undefined
  readonly #sleeping = new Set<Task>()

  constructor(kernel: Kernel, credentials: Credentials = {}, parent?: UserProcess) {
    super(kernel, parent)
    const { uid = 0, gid = 0, comm = 'test', pid = 1, tty = 0 } = credentials
    this.pid = pid
    this.pgrp = credentials.pgrp ?? pid
    this.uid = uid
    this.#gid = gid
    this.#comm = comm
    this.#tty = tty
    this.#capabilities = credentials.capabilities
    kernel.processes.attach(this)
  }

  /** open(2): a descriptor, or an error. Makes files in /dev with O_CREAT, as on Linux. */
  open(path: string, flags = O_RDONLY, mode = 0o644): Promise<number> {
    const kept = flags & O_PATH ? flags & WITH_O_PATH : flags & ~O_CLOEXEC
    const f_flags = flags & O_PATH ? kept : kept | O_LARGEFILE
    const install = (file: OpenFile | number): number =>
      typeof file === 'number' ? file : this.fds.install(file, (flags & O_CLOEXEC) !== 0)
    return this.syscall(() => {
      const inode = open_lookup(this.kernel.root, path, flags, mode, this.#cred)
      if (typeof inode === 'number') return inode
      const opened = this.kernel.files.open(inode, f_flags, this.#cred)
      return isPromise(opened) ? opened.then(install) : install(opened)
    })
  }

  /** The whole text of a file, or the error of open(2) or read(2). */
  async readFile(path: string): Promise<string | number> {
    const fd = await this.open(path)
    if (fd < 0) return fd
    const chunks: Uint8Array[] = []
    for (;;) {
      const chunk = await this.read(fd, 4096)
      if (typeof chunk === 'number' || chunk.length === 0) {
        await this.close(fd)
        return typeof chunk === 'number' ? chunk : Buffer.concat(chunks).toString()
      }
      chunks.push(chunk)
    }
  }

  /** `echo text > path`: what write(2) answers, or the error of open(2). */
  async writeFile(path: string, text: string): Promise<number> {
    const fd = await this.open(path, O_WRONLY | O_CREAT | O_TRUNC)
    if (fd < 0) return fd
    const n = await this.write(fd, text)
    await this.close(fd)
    return n
  }

  /** The names in a directory, or an error. */
  readdir(path: string): string[] | number {
    const dir = path_lookup(this.kernel.root, path, this.#cred)
    if (typeof dir === 'number') return dir
    return dir.children ? [...dir.children.keys()] : -ENOTDIR
  }

  /** lstat(2): the inode itself, or an error. */
  lstat(path: string): Inode | number {
    return path_lookup(this.kernel.root, path, this.#cred, false)
  }

  /** fork(2): the child, with the same descriptors and a copy of the memory. */
  fork(pid = this.pid + 1): Promise<UserProcess> {
    const capabilities = this.#capabilities
    const cred = {
      ...this.#cred,
      comm: this.#comm,
      pid,
      pgrp: this.pgrp,
      tty: this.#tty,
      ...(capabilities && { capabilities }),
    }
    return this.syscall(() => new UserProcess(this.kernel, cred, this))
  }

  /** exit(2): everything is unmapped and closed. */
  async exit(): Promise<void> {
    await this.syscall(() => this.mm.exit())
    for (const fd of this.fds.fds()) await this.close(fd)
    this.kernel.processes.detach(this)
  }

  /** A signal with a handler: it ends interruptible sleeps. */
  signal(): void {
    for (const task of this.#sleeping) this.kernel.sched.signal_wake_up(task)
  }

  /** A signal by its number: it is noted, and ends interruptible sleeps. */
  kill(signal: number): void {
    this.signals.push(signal)
    this.signal()
  }

  /** Make any call of the kernel as this process. */
  async syscall<T>(call: () => MaybePromise<T>): Promise<T> {
    const task = new Task(this.#identity())
    task.files = this.fds
    this.#sleeping.add(task)
    this.kernel.clock.hold()
    try {
      return await this.kernel.sched.spawn(task, call)
    } finally {
      this.kernel.clock.release()
      this.#sleeping.delete(task)
      this.kernel.sched.leave(task)
    }
  }

  #identity(): Identity {
    return {
      pid: this.pid,
      ...this.#cred,
      comm: () => this.#comm,
      kill: signal => this.kill(signal),
      tty: () => new_encode_dev(this.#tty),
      memory: () => this.memory,
      capable: cap => this.#capabilities?.includes(cap) ?? this.uid === 0,
    }
  }

  get #cred(): { uid: number; gid: number } {
    return { uid: this.uid, gid: this.#gid }
  }
}
