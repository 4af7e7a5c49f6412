// A user program in the same process as the machine: system calls without a mount. Tests and programs
// that embed a machine use it; it is told errors as -errno, as a raw system call is.

import { EBADF, EFAULT, EISDIR, ENOENT, ENOTDIR, ESPIPE } from './include/linux/errno.ts'
import { FMODE_PREAD, FMODE_PWRITE, FMODE_STREAM } from './include/linux/fs.ts'
import { VM_FAULT_SIGBUS, type vm_fault_t } from './include/linux/mm_types.ts'
import type { MaybePromise } from './include/linux/types.ts'
import {
  O_ACCMODE,
  O_CREAT,
  O_DIRECTORY,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
} from './include/uapi/fcntl.ts'
import type { Kernel } from './boot.ts'
import type { OpenFile } from './fs/file.ts'
import type { Inode } from './fs/inode.ts'
import { vfs_ioctl } from './fs/ioctl.ts'
import { inode_permission, MAY_READ, MAY_WRITE, path_lookup } from './fs/namei.ts'
import { vfs_llseek, vfs_read, vfs_write } from './fs/read_write.ts'
import { no_wait, PollWatch, vfs_poll } from './fs/select.ts'
import { Task } from './kernel/sched.ts'
import { process_ptr, UserWindow, window_ptr } from './lib/usercopy.ts'
import { access_vm } from './mm/access.ts'
import type { AddressSpace } from './mm/address_space.ts'
import type { MmapArguments } from './mm/mmap_check.ts'
import { mprotect, mremap } from './mm/remap_area.ts'
import { UserMemory } from './user_memory.ts'

const SIGBUS = 7
const SIGSEGV = 11

export interface Credentials {
  uid?: number
  gid?: number
  comm?: string
  pid?: number
}

export class UserProcess {
  readonly memory: UserMemory
  /** What it has mapped. */
  readonly mm: AddressSpace
  /** Signals that the kernel has sent it. */
  readonly signals: number[] = []
  readonly #kernel: Kernel
  readonly #cred: { uid: number; gid: number }
  readonly #comm: string
  readonly #pid: number
  readonly #files = new Map<number, OpenFile>()
  readonly #sleeping = new Set<Task>()

  constructor(
    kernel: Kernel,
    { uid = 0, gid = 0, comm = 'test', pid = 1 }: Credentials = {},
    parent?: UserProcess,
  ) {
    this.#kernel = kernel
    this.mm = parent ? parent.mm.fork() : kernel.newAddressSpace()
    this.memory = parent ? parent.memory.copyTo(this.mm) : new UserMemory(this.mm)
    this.#cred = { uid, gid }
    this.#comm = comm
    this.#pid = pid
  }

  /** open(2): a descriptor, or an error. Makes files in /dev with O_CREAT, as on Linux. */
  open(path: string, flags = O_RDONLY, mode = 0o644): Promise<number> {
    return this.syscall(() => {
      const inode = this.#find(path, flags, mode)
      if (typeof inode === 'number') return inode
      const opened = this.#kernel.files.open(inode, flags, this.#cred)
      return opened instanceof Promise
        ? opened.then(file => this.#install(file))
        : this.#install(opened)
    })
  }

  /** close(2): flush(), and release() if it was the last descriptor. */
  close(fd: number): Promise<number> {
    return this.syscall(async () => {
      const file = this.#files.get(fd)
      if (!file) return -EBADF
      this.#files.delete(fd)
      const err = (await file.f_op.flush?.(file)) ?? 0
      await this.#kernel.files.fput(file)
      return err
    })
  }

  /** dup(2). */
  dup(fd: number): number {
    const file = this.#files.get(fd)
    if (!file) return -EBADF
    this.#kernel.files.get_file(file)
    return this.#install(file)
  }

  /** read(2): what was read, or an error. */
  async read(fd: number, count: number): Promise<Uint8Array | number> {
    return this.#readAt(fd, count, undefined)
  }

  /** pread(2). */
  async pread(fd: number, count: number, offset: number): Promise<Uint8Array | number> {
    return this.#readAt(fd, count, offset)
  }

  /** write(2): how much was written, or an error. */
  write(fd: number, data: string | Uint8Array): Promise<number> {
    return this.#writeAt(fd, data, undefined)
  }

  /** pwrite(2). */
  pwrite(fd: number, data: string | Uint8Array, offset: number): Promise<number> {
    return this.#writeAt(fd, data, offset)
  }

  /** lseek(2). */
  lseek(fd: number, offset: number, whence = 0): Promise<number> {
    return this.#withFile(fd, file =>
      vfs_llseek(this.#kernel.traps, file, offset, whence),
    )
  }

  /** ioctl(2). `arg` is an address from alloc(), or any integer. */
  ioctl(fd: number, cmd: number, arg: number | bigint = 0): Promise<number> {
    const ptr = new process_ptr(this.memory, BigInt(arg))
    return this.#withFile(fd, file => vfs_ioctl(this.#kernel.traps, file, cmd, ptr))
  }

  /** poll(2) with a timeout of 0: the events that are ready. */
  poll(fd: number): Promise<number> {
    return this.#withFile(fd, file => vfs_poll(this.#kernel.traps, file, no_wait))
  }

  /** poll(2) without a timeout: resolves when the driver's wait queues are woken. */
  pollWait(fd: number): Promise<void> {
    return new Promise(resolve => {
      const watch = new PollWatch(() => resolve())
      void this.#withFile(fd, file => vfs_poll(this.#kernel.traps, file, watch))
    })
  }

  /** mmap(2): the address, or an error. */
  mmap(fd: number, args: MmapArguments): Promise<number> {
    return this.#withFile(fd, file => this.mm.mmap(file, args))
  }

  /** munmap(2). */
  munmap(address: number, length: number): Promise<number> {
    return this.syscall(() => this.mm.munmap(address, length))
  }

  /** mprotect(2). */
  mprotect(address: number, length: number, prot: number): Promise<number> {
    return this.syscall(() => mprotect(this.mm, address, length, prot))
  }

  /** mremap(2): the address, or an error. */
  mremap(address: number, from: number, to: number, flags = 0): Promise<number> {
    return this.syscall(() => mremap(this.mm, address, from, to, flags))
  }

  /** Read mapped memory, as its own instructions do; a fault is a signal and -EFAULT. */
  async load(address: number, count: number): Promise<Uint8Array | number> {
    const bytes = new Uint8Array(count)
    return (await this.#access(address, bytes, false)) || bytes
  }

  /** Write mapped memory, as its own instructions do: 0, or a signal and -EFAULT. */
  store(address: number, data: string | Uint8Array): Promise<number> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    return this.#access(address, bytes, true)
  }

  /** fork(2): the child, with the same descriptors and a copy of the memory. */
  fork(pid = this.#pid + 1): Promise<UserProcess> {
    return this.syscall(() => {
      const cred = { ...this.#cred, comm: this.#comm, pid }
      const child = new UserProcess(this.#kernel, cred, this)
      for (const [fd, file] of this.#files) {
        this.#kernel.files.get_file(file)
        child.#files.set(fd, file)
      }
      return child
    })
  }

  /** exit(2): everything is closed and unmapped. */
  async exit(): Promise<void> {
    await this.syscall(() => this.mm.exit())
    for (const fd of this.#files.keys()) await this.close(fd)
  }

  /** A signal with a handler: it ends interruptible sleeps. */
  signal(): void {
    for (const task of this.#sleeping) this.#kernel.sched.signal_wake_up(task)
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
    const dir = path_lookup(this.#kernel.root, path, this.#cred)
    if (typeof dir === 'number') return dir
    return dir.children ? [...dir.children.keys()] : -ENOTDIR
  }

  /** lstat(2): the inode itself, or an error. */
  lstat(path: string): Inode | number {
    return path_lookup(this.#kernel.root, path, this.#cred, false)
  }

  async #readAt(
    fd: number,
    count: number,
    offset: number | undefined,
  ): Promise<Uint8Array | number> {
    const window = new UserWindow(new Uint8Array(count), 0, count)
    const n = await this.#transfer(fd, window, offset, FMODE_PREAD, vfs_read)
    return n < 0 ? n : window.bytes.subarray(0, n)
  }

  #writeAt(
    fd: number,
    data: string | Uint8Array,
    offset: number | undefined,
  ): Promise<number> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    const window = new UserWindow(bytes, 0, bytes.length)
    return this.#transfer(fd, window, offset, FMODE_PWRITE, vfs_write)
  }

  #transfer(
    fd: number,
    window: UserWindow,
    offset: number | undefined,
    mode: number,
    move: typeof vfs_read,
  ): Promise<number> {
    return this.#withFile(fd, async file => {
      if (offset !== undefined && !(file.f_mode & mode)) return -ESPIPE
      const stream = (file.f_mode & FMODE_STREAM) !== 0
      const pos = { value: stream ? 0 : (offset ?? file.f_pos) }
      const n = await move(
        this.#kernel.traps,
        file,
        new window_ptr(window),
        window.length,
        pos,
      )
      if (n >= 0 && offset === undefined && !stream) file.f_pos = pos.value
      return n
    })
  }

  #access(address: number, bytes: Uint8Array, write: boolean): Promise<number> {
    return this.syscall(async () => {
      const { fault } = await access_vm(this.mm, address, bytes, write)
      return fault ? this.#faulted(fault) : 0
    })
  }

  #faulted(fault: vm_fault_t): number {
    this.signals.push(fault & VM_FAULT_SIGBUS ? SIGBUS : SIGSEGV)
    return -EFAULT
  }

  #find(path: string, flags: number, mode: number): Inode | number {
    const found = path_lookup(this.#kernel.root, path, this.#cred)
    if (found === -ENOENT && flags & O_CREAT) return this.#create(path, mode)
    if (typeof found === 'number') return found
    const access = flags & O_ACCMODE
    if (found.isDirectory && access !== O_RDONLY) return -EISDIR
    if (flags & O_DIRECTORY && !found.isDirectory) return -ENOTDIR
    const mask =
      (access === O_WRONLY ? 0 : MAY_READ) | (access === O_RDONLY ? 0 : MAY_WRITE)
    return inode_permission(found, mask, this.#cred) || found
  }

  #create(path: string, mode: number): Inode | number {
    const slash = path.lastIndexOf('/')
    const dir = path_lookup(this.#kernel.root, path.slice(0, slash), this.#cred)
    if (typeof dir === 'number') return dir
    const err = inode_permission(dir, MAY_WRITE, this.#cred)
    if (err) return err
    const { i_op } = dir
    return (
      i_op.create?.(dir, path.slice(slash + 1), mode, this.#cred) ??
      i_op.createRefusal ??
      i_op.refusal
    )
  }

  #install(file: OpenFile | number): number {
    if (typeof file === 'number') return file
    let fd = 3
    while (this.#files.has(fd)) fd++
    this.#files.set(fd, file)
    return fd
  }

  #withFile(fd: number, call: (file: OpenFile) => MaybePromise<number>): Promise<number> {
    const file = this.#files.get(fd)
    if (!file) return Promise.resolve(-EBADF)
    return this.syscall(() => call(file))
  }

  /** Make any call of the kernel as this process. */
  async syscall<T>(call: () => MaybePromise<T>): Promise<T> {
    const task = new Task({
      pid: this.#pid,
      uid: this.#cred.uid,
      gid: this.#cred.gid,
      comm: () => this.#comm,
      kill: signal => this.signals.push(signal),
      memory: () => this.memory,
    })
    this.#sleeping.add(task)
    try {
      return await this.#kernel.sched.spawn(task, call)
    } finally {
      this.#sleeping.delete(task)
    }
  }
}
