// fuse-native's API, of which the package has no types, and what this transport needs of the host.

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { FUSE_DEVICE, NO_FUSE } from './mount.ts'
import { MountError } from './mount_error.ts'

/** The answer to an operation: 0 or a count, or -errno; and what was asked for. */
export type Done<T = undefined> = (error: number, result?: T) => void

/** What getattr() answers; times are in milliseconds. */
export interface NativeStat {
  mode: number
  uid: number
  gid: number
  size: number
  nlink: number
  ino: number
  rdev: number
  blksize: number
  atime: number
  mtime: number
  ctime: number
}

export interface NativeStatfs {
  bsize: number
  frsize: number
  blocks: number
  files: number
  namemax: number
}

/** Those of fuse-native's operations that are used here. `fh` is what open() answered. */
export interface NativeOperations {
  getattr(path: string, done: Done<NativeStat>): void
  fgetattr(path: string, fh: number, done: Done<NativeStat>): void
  readdir(path: string, done: Done<string[]>): void
  readlink(path: string, done: Done<string>): void
  statfs(path: string, done: Done<NativeStatfs>): void
  chmod(path: string, mode: number, done: Done): void
  chown(path: string, uid: number, gid: number, done: Done): void
  truncate(path: string, size: number, done: Done): void
  ftruncate(path: string, fh: number, size: number, done: Done): void
  utimens(path: string, atime: number, mtime: number, done: Done): void
  mknod(path: string, mode: number, rdev: number, done: Done): void
  mkdir(path: string, mode: number, done: Done): void
  symlink(target: string, path: string, done: Done): void
  link(from: string, to: string, done: Done): void
  unlink(path: string, done: Done): void
  rmdir(path: string, done: Done): void
  rename(from: string, to: string, done: Done): void
  open(path: string, flags: number, done: Done<number>): void
  /** `to` and `from` belong to libfuse again when `done` has been called. */
  read(
    path: string,
    fh: number,
    to: Uint8Array,
    length: number,
    offset: number,
    done: Done,
  ): void
  write(
    path: string,
    fh: number,
    from: Uint8Array,
    length: number,
    offset: number,
    done: Done,
  ): void
  flush(path: string, fh: number, done: Done): void
  fsync(path: string, datasync: number, fh: number, done: Done): void
  release(path: string, fh: number, done: Done): void
}

interface Fuse {
  mount(done: (error: Error | null) => void): void
  ops: Pick<NativeOperations, 'getattr' | 'fgetattr'>
  /** The argument with libfuse's options. */
  _fuseOptions(): string
  _op_getattr(signal: unknown, path: string): void
  _op_fgetattr(signal: unknown, path: string, fh: number): void
}

type FuseClass = new (
  mountpoint: string,
  operations: NativeOperations,
  options: { timeout: false },
) => Fuse

/** Mounts `operations` on a folder, with libfuse's `options`. Throws if it cannot. */
export type NativeMount = (
  mountpoint: string,
  operations: NativeOperations,
  options: readonly string[],
) => Promise<void>

/** fuse-native, ready to mount. Throws MountError, which says what is missing. */
export async function loadFuseNative(): Promise<NativeMount> {
  const Base = await load()
  if (!existsSync(FUSE_DEVICE)) throw new MountError(NO_FUSE)
  if (process.geteuid?.() !== 0 && !isInPath('fusermount')) {
    throw new MountError(
      'fuse-native needs fusermount for ordinary users (Debian: apt install fuse3)',
    )
  }
  return (mountpoint, operations, options) => {
    class Configured extends Base {
      /** The constructor takes only some of libfuse's options. */
      override _fuseOptions(): string {
        return `-o${options.join(',')}`
      }

      /** The package's own asks for the path's attributes, and not for the open file's. */
      override _op_fgetattr(signal: unknown, path: string, fh: number): void {
        const { ops } = this
        const getattr: NativeOperations['getattr'] = (_, done) =>
          ops.fgetattr(path, fh, done)
        this.ops = { ...ops, getattr }
        super._op_getattr(signal, path)
        this.ops = ops
      }
    }
    // Without a limit, or it answers ETIMEDOUT for drivers that wait.
    const fuse = new Configured(mountpoint, operations, { timeout: false })
    return new Promise((resolve, reject) =>
      fuse.mount(error => (error ? reject(error) : resolve())),
    )
  }
}

async function load(): Promise<FuseClass> {
  try {
    const { default: Base } = (await import('fuse-native' as string)) as {
      default: FuseClass
    }
    return Base
  } catch (error) {
    throw new MountError(whyNot(error as NodeJS.ErrnoException))
  }
}

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  const [reason = ''] = message.split('\n')
  if (code === 'ERR_MODULE_NOT_FOUND')
    return 'the package fuse-native is not installed (npm install fuse-native)'
  if (/libfuse\.so/.test(reason))
    return 'fuse-native needs libfuse 2 (Debian: apt install libfuse2)'
  return `fuse-native cannot be loaded: ${reason}`
}

function isInPath(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return ['/bin', ...folders].some(folder => existsSync(join(folder, program)))
}
