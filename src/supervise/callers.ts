// The programs under a supervisor: their open files, their strings, their signals.

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Host } from '../host/host.ts'
import { EBADF, EFAULT, EFBIG, EINVAL, EIO, ENOENT } from '../include/uapi/errno.ts'
import { O_PATH } from '../include/uapi/fcntl.ts'
import { IMAGE_MAX } from '../syscall/forward.ts'
import { AT_FDCWD } from './listener.ts'

/** Longest path that a call takes, in bytes, with its NUL. Linux: PATH_MAX. */
const PATH_MAX = 4096
const PAGE = 4096

/** Where a path leads: an open folder, which is the receiver's to close, and a name in it. */
export interface Place {
  readonly folder: number
  readonly name: string
}

export class Callers {
  readonly #host: Host
  /** The one that the machine's files are on. */
  readonly #fileSystem: string | undefined

  constructor(host: Host, mountpoint: string) {
    this.#host = host
    const root = openSync(mountpoint, O_PATH)
    this.#fileSystem = host.descriptors.fileSystem(root)
    closeSync(root)
  }

  /**
   * What `use` makes of the open file `fd` of thread `pid`, which is open here meanwhile; -errno if
   * there is none.
   */
  withFile<T>(pid: number, fd: number, use: (file: number) => T): T | number {
    const file = this.#open(pid, fd)
    if (file < 0) return file
    try {
      return use(file)
    } finally {
      this.#host.pidfds.close(file)
    }
  }

  /** Is that one of the machine's files? Asks the host only, not the machine. */
  isMachines(file: number): boolean {
    return this.#host.descriptors.fileSystem(file) === this.#fileSystem
  }

  /** All that a module's file holds; or what finit_module(2) says of a file that is none. */
  image(pid: number, fd: number): Uint8Array | number {
    const image = this.withFile(pid, fd, contents)
    return typeof image === 'number' && image !== -EINVAL && image !== -EFBIG
      ? -EBADF
      : image
  }

  /** The folder and the name that `path`, an address in thread `pid`, means; or -errno. */
  place(pid: number, dirfd: number, path: bigint): Place | number {
    const text = this.path(pid, dirfd, path)
    if (typeof text === 'number') return text
    try {
      const flags = constants.O_RDONLY | constants.O_DIRECTORY
      return { folder: openSync(dirname(text), flags), name: basename(text) }
    } catch (error) {
      return -errnoOf(error)
    }
  }

  /** What that path is called here: thread `pid` may see other files. Or -errno. */
  path(pid: number, dirfd: number, address: bigint): string | number {
    const text = this.string(pid, address)
    if (typeof text === 'number') return text
    const start = text.startsWith('/')
      ? 'root'
      : dirfd === AT_FDCWD
        ? 'cwd'
        : `fd/${dirfd}`
    return `/proc/${pid}/${start}/${text}`
  }

  umask(pid: number): number {
    return Number.parseInt(field(statusOf(pid), 'Umask') ?? '22', 8)
  }

  /**
   * Has the thread got a signal that it does not block? One to its process goes to the first thread, or if
   * that blocks it to any other: the host does not say to which.
   */
  signal(pid: number): 'none' | 'its own' | 'perhaps' {
    const status = statusOf(pid)
    const blocked = mask(status, 'SigBlk')
    if (mask(status, 'SigPnd') & ~blocked) return 'its own'
    const shared = mask(status, 'ShdPnd') & ~blocked
    if (!shared) return 'none'
    const process = Number(field(status, 'Tgid') ?? pid)
    if (process === pid) return 'its own'
    return shared & ~mask(statusOf(process), 'SigBlk') ? 'none' : 'perhaps'
  }

  #open(pid: number, fd: number): number {
    const { pidfds } = this.#host
    const file = pidfds.getfd(pid, fd)
    if (file !== -EINVAL && file !== -ENOENT) return file
    // What the host says of a thread that is not its process's first.
    const process = Number(field(statusOf(pid), 'Tgid') ?? pid)
    return process === pid ? file : pidfds.getfd(process, fd)
  }

  /** Has the thread this one of CAP_*, in its own user namespace? */
  isCapable(pid: number, cap: number): boolean {
    const effective = BigInt(`0x${field(statusOf(pid), 'CapEff') ?? '0'}`)
    return ((effective >> BigInt(cap)) & 1n) !== 0n
  }

  /** The text that ends with a NUL at an address in thread `pid`, or -errno. Memory ends with a page. */
  string(pid: number, address: bigint): string | number {
    const bytes = new Uint8Array(PATH_MAX)
    for (let length = 0; length < bytes.length;) {
      const at = address + BigInt(length)
      const piece = bytes.subarray(length, length + PAGE - Number(at % BigInt(PAGE)))
      if (this.#host.processVm.read(pid, at, piece) !== piece.length) return -EFAULT
      const end = piece.indexOf(0)
      if (end >= 0) return Buffer.from(bytes).toString('utf8', 0, length + end)
      length += piece.length
    }
    return -EINVAL
  }
}

/** Read from its start, wherever the program's own position is. */
function contents(file: number): Uint8Array | number {
  const stat = fstatSync(file)
  if (!stat.isFile()) return -EINVAL
  if (stat.size > IMAGE_MAX) return -EFBIG

  const bytes = new Uint8Array(stat.size)
  try {
    const n = readSync(file, bytes, 0, bytes.length, 0)
    return bytes.subarray(0, n)
  } catch (error) {
    return -errnoOf(error)
  }
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return '' // it has ended
  }
}

function field(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s+(\\w+)`, 'm').exec(status)?.[1]
}

/** A set of signals. */
function mask(status: string, name: string): bigint {
  return BigInt(`0x${field(status, name) ?? '0'}`)
}

function errnoOf(error: unknown): number {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? Math.abs(error.errno)
    : EIO
}
