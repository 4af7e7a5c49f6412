// The same system calls through different doors: on a machine in this process, on one that is mounted, and
// on the host's own kernel. What comes back is the result, or a negative error number, as from the kernel.

import { EINTR, ERESTARTSYS } from '../../src/include/linux/errno.ts'
import type { pollfd } from '../../src/user/polling.ts'
import type { UserProcess } from '../../src/user_process.ts'

/** A process on the other side. Descriptors begin at 3. */
export interface Door {
  open(path: string, flags: number): Promise<number>
  close(fd: number): Promise<number>
  dup(fd: number): Promise<number>
  dup2(fd: number, to: number): Promise<number>
  /** Texts are bytes: latin1. */
  read(fd: number, count: number): Promise<string | number>
  pread(fd: number, count: number, offset: number): Promise<string | number>
  readv(fd: number, ...counts: number[]): Promise<string | number>
  write(fd: number, text: string): Promise<number>
  pwrite(fd: number, text: string, offset: number): Promise<number>
  writev(fd: number, ...texts: string[]): Promise<number>
  lseek(fd: number, offset: number, whence: number): Promise<number>
  ioctl(fd: number, cmd: number, arg: number): Promise<number>
  fcntl(fd: number, cmd: number, arg?: number): Promise<number>
  /** Those of `events` that are there now. */
  poll(fd: number, events: number): Promise<number>
  fsync(fd: number): Promise<number>
  fdatasync(fd: number): Promise<number>
  ftruncate(fd: number, size: number): Promise<number>
}

/** Of a machine in this process. */
export function inProcess(user: UserProcess): Door {
  const bytes = (text: string) => Buffer.from(text, 'latin1')
  return {
    open: (path, flags) => answer(user.open(path, flags)),
    close: fd => answer(user.close(fd)),
    dup: fd => answer(user.dup(fd)),
    dup2: (fd, to) => answer(user.dup2(fd, to)),
    read: (fd, count) => text(user.read(fd, count)),
    pread: (fd, count, offset) => text(user.pread(fd, count, offset)),
    readv: (fd, ...counts) => text(user.readv(fd, ...counts)),
    write: (fd, data) => answer(user.write(fd, bytes(data))),
    pwrite: (fd, data, offset) => answer(user.pwrite(fd, bytes(data), offset)),
    writev: (fd, ...data) => answer(user.writev(fd, ...data.map(bytes))),
    lseek: (fd, offset, whence) => answer(user.lseek(fd, offset, whence)),
    ioctl: (fd, cmd, arg) => answer(user.ioctl(fd, cmd, arg)),
    fcntl: (fd, cmd, arg) => answer(user.fcntl(fd, cmd, arg)),
    async poll(fd, events) {
      const polled: pollfd = { fd, events }
      const n = await user.poll([polled], 0)
      return n < 0 ? n : (polled.revents ?? 0)
    },
    fsync: fd => answer(user.fsync(fd)),
    fdatasync: fd => answer(user.fdatasync(fd)),
    ftruncate: (fd, size) => answer(user.ftruncate(fd, size)),
  }
}

/** What a program sees: the kernel's way back to it makes this of an interrupted sleep. */
async function answer<T>(result: T | Promise<T>): Promise<T | number> {
  const value = await result
  return value === -ERESTARTSYS ? -EINTR : value
}

async function text(result: Promise<Uint8Array | number>): Promise<string | number> {
  const value = await answer(result)
  return typeof value === 'number' ? value : Buffer.from(value).toString('latin1')
}
