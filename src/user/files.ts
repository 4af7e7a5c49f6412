// The system calls on descriptors, of a program in the same process as the machine. They are told
// errors as -errno, as a raw system call is.

import { EBADF, EINVAL, ENOIOCTLCMD, ESPIPE } from '../include/linux/errno.ts'
import {
  FMODE_PATH,
  FMODE_PREAD,
  FMODE_PWRITE,
  FMODE_STREAM,
  FMODE_WRITE,
} from '../include/linux/fs.ts'
import type { MaybePromise, ref } from '../include/linux/types.ts'
import type { iovec } from '../include/linux/uio.ts'
import {
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_SETFD,
  FD_CLOEXEC,
} from '../include/uapi/fcntl.ts'
import { FIOCLEX, FIONCLEX } from '../include/uapi/ioctls.ts'
import { S_ISREG } from '../include/uapi/stat.ts'
import type { Kernel } from '../boot.ts'
import type { OpenFile } from '../fs/file.ts'
import type { FileTable } from '../fs/file_table.ts'
import { vfs_ioctl } from '../fs/ioctl.ts'
import { NO_POSITION, vfs_llseek, vfs_read, vfs_write } from '../fs/read_write.ts'
import { vfs_readv, vfs_writev } from '../fs/readv.ts'
import { vfs_fsync } from '../fs/sync.ts'
import { process_ptr, UserWindow, window_ptr } from '../lib/usercopy.ts'
import type { UserMemory } from './memory.ts'

/** A read or write of `file` at `pos`. */
type Move = (file: OpenFile, pos: ref<number>) => MaybePromise<number>

export abstract class UserFiles {
  abstract readonly memory: UserMemory
  readonly kernel: Kernel
  /** Shared by processes that clone(2) made with CLONE_FILES. */
  readonly fds: FileTable

  constructor(kernel: Kernel, fds: FileTable) {
    this.kernel = kernel
    this.fds = fds
  }

  /** Make any call of the kernel as this process. */
  abstract syscall<T>(call: () => MaybePromise<T>): Promise<T>

  /** close(2): flush(), and release() if it was the last descriptor. */
  close(fd: number): Promise<number> {
    return this.syscall(() => this.fds.close(fd))
  }

  /** dup(2). */
  dup(fd: number): number {
    return this.fds.dup(fd)
  }

  /** dup2(2). */
  dup2(fd: number, to: number): Promise<number> {
    return this.syscall(() => this.fds.dup2(fd, to))
  }

  /** read(2): what was read, or an error. */
  read(fd: number, count: number): Promise<Uint8Array | number> {
    return this.#readAt(fd, count, undefined)
  }

  /** pread(2). */
  pread(fd: number, count: number, offset: number): Promise<Uint8Array | number> {
    return this.#readAt(fd, count, offset)
  }

  /** readv(2) into pieces of these lengths: all that was read, or an error. */
  async readv(fd: number, ...lengths: number[]): Promise<Uint8Array | number> {
    const pieces = lengths.map(length => new Uint8Array(length))
    const n = await this.#moveAt(fd, undefined, FMODE_PREAD, (file, pos) =>
      vfs_readv(this.kernel.traps, file, pieces.map(piece), pos),
    )
    return n < 0 ? n : new Uint8Array(Buffer.concat(pieces).subarray(0, n))
  }

  /** write(2): how much was written, or an error. */
  write(fd: number, data: string | Uint8Array): Promise<number> {
    return this.#writeAt(fd, data, undefined)
  }

  /** pwrite(2). */
  pwrite(fd: number, data: string | Uint8Array, offset: number): Promise<number> {
    return this.#writeAt(fd, data, offset)
  }

  /** writev(2). */
  writev(fd: number, ...data: (string | Uint8Array)[]): Promise<number> {
    const pieces = data.map(bytesOf).map(piece)
    return this.#moveAt(fd, undefined, FMODE_PWRITE, (file, pos) =>
      vfs_writev(this.kernel.traps, file, pieces, pos),
    )
  }

  /** lseek(2). */
  lseek(fd: number, offset: number, whence = 0): Promise<number> {
    return this.withFile(fd, file => vfs_llseek(this.kernel.traps, file, offset, whence))
  }

  /** ioctl(2). `arg` is an address from alloc(), or any integer. */
  ioctl(fd: number, cmd: number, arg: number | bigint = 0): Promise<number> {
    const ptr = new process_ptr(this.memory, BigInt(arg))
    const { traps, control } = this.kernel
    return this.withFile(fd, async file => {
      if (cmd === FIOCLEX || cmd === FIONCLEX) {
        this.fds.set_close_on_exec(fd, cmd === FIOCLEX)
        return 0
      }
      const answer = await control.do_vfs_ioctl(fd, file, cmd, ptr)
      return answer === -ENOIOCTLCMD ? vfs_ioctl(traps, file, cmd, ptr) : answer
    })
  }

  /** fcntl(2), but for locks. `arg` is a number, or an address from alloc(). */
  fcntl(fd: number, cmd: number, arg: number | bigint = 0): Promise<number> {
    return this.syscall(() => {
      const file = this.fds.get(fd)
      if (!file) return -EBADF
      switch (cmd) {
        case F_DUPFD:
        case F_DUPFD_CLOEXEC:
          return this.fds.dup(fd, cmd === F_DUPFD_CLOEXEC, Number(arg))
        case F_GETFD:
          return this.fds.get_close_on_exec(fd) ? FD_CLOEXEC : 0
        case F_SETFD:
          this.fds.set_close_on_exec(fd, (Number(arg) & FD_CLOEXEC) !== 0)
          return 0
        default: {
          const ptr = new process_ptr(this.memory, BigInt(arg))
          return this.kernel.control.do_fcntl(fd, cmd, ptr, file)
        }
      }
    })
  }

  /** fsync(2). */
  fsync(fd: number): Promise<number> {
    return this.withFile(fd, file => vfs_fsync(this.kernel.traps, file, false))
  }

  /** fdatasync(2). */
  fdatasync(fd: number): Promise<number> {
    return this.withFile(fd, file => vfs_fsync(this.kernel.traps, file, true))
  }

  /** ftruncate(2). */
  ftruncate(fd: number, size: number): Promise<number> {
    return this.withFile(fd, file => {
      const { f_inode: inode } = file
      if (!S_ISREG(inode.i_mode) || !(file.f_mode & FMODE_WRITE)) return -EINVAL
      return inode.i_op.setattr?.(inode, { size }) ?? inode.i_op.refusal
    })
  }

  async #readAt(
    fd: number,
    count: number,
    offset: number | undefined,
  ): Promise<Uint8Array | number> {
    const window = new UserWindow(new Uint8Array(count), 0, count)
    const n = await this.#moveAt(fd, offset, FMODE_PREAD, (file, pos) =>
      vfs_read(this.kernel.traps, file, new window_ptr(window), count, pos),
    )
    return n < 0 ? n : window.bytes.subarray(0, n)
  }

  #writeAt(
    fd: number,
    data: string | Uint8Array,
    offset: number | undefined,
  ): Promise<number> {
    const { iov_base, iov_len } = piece(bytesOf(data))
    return this.#moveAt(fd, offset, FMODE_PWRITE, (file, pos) =>
      vfs_write(this.kernel.traps, file, iov_base, iov_len, pos),
    )
  }

  /** At `offset`, which leaves the position alone, or at the position, which moves. */
  #moveAt(
    fd: number,
    offset: number | undefined,
    mode: number,
    move: Move,
  ): Promise<number> {
    if (offset !== undefined && offset < 0) return Promise.resolve(-EINVAL)
    return this.withFile(fd, async file => {
      if (offset !== undefined) {
        return file.f_mode & mode ? move(file, { value: offset }) : -ESPIPE
      }
      if (file.f_mode & FMODE_STREAM) return move(file, NO_POSITION)
      const pos = { value: file.f_pos }
      const n = await move(file, pos)
      if (n >= 0) file.f_pos = pos.value
      return n
    })
  }

  /** The file stays open until `call` has ended, whatever becomes of the descriptor. */
  protected withFile(
    fd: number,
    call: (file: OpenFile) => MaybePromise<number>,
  ): Promise<number> {
    const file = this.fds.get(fd)
    if (!file || file.f_mode & FMODE_PATH) return Promise.resolve(-EBADF)
    return this.syscall(async () => {
      this.kernel.files.get_file(file)
      try {
        return await call(file)
      } finally {
        await this.kernel.files.fput(file)
      }
    })
  }
}

const bytesOf = (data: string | Uint8Array): Uint8Array =>
  typeof data === 'string' ? Buffer.from(data) : data

/** `bytes` as a piece of the program's memory. */
function piece(bytes: Uint8Array): iovec {
  const { length } = bytes
  return { iov_base: new window_ptr(new UserWindow(bytes, 0, length)), iov_len: length }
}
