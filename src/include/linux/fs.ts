// Files and the operations drivers give them. Implemented in fs/, fs/chrdev_regions.ts and fs/char_dev.ts.
// Linux: include/linux/fs.h.
import type { CharDevices } from '../../fs/char_dev.ts'
import type * as libfs from '../../fs/libfs.ts'
import { ENOIOCTLCMD } from './errno.ts'
import { MAJOR, MINOR } from './kdev_t.ts'
import type { kiocb } from './kiocb.ts'
import type { vm_area_struct } from './mm_types.ts'
import type { poll_table } from './poll.ts'
import type { module } from './module.ts'
import type {
  __poll_t,
  dev_t,
  errno_t,
  loff_t,
  MaybePromise,
  ref,
  size_t,
  ssize_t,
  umode_t,
} from './types.ts'
import type { user_ptr } from './uaccess.ts'
import type { iov_iter } from './uio.ts'

export * from './fasync.ts'
export * from './kiocb.ts'
export * from './simple_attr.ts'

/** A file as the file system knows it, open or not. */
export interface inode {
  readonly i_ino: number
  readonly i_mode: umode_t
  readonly i_uid: number
  readonly i_gid: number
  /** The device number, for device nodes. */
  readonly i_rdev: dev_t
  i_size: loff_t
  /** What the file's creator keeps with it: the `data` of proc_create_data() and the like. */
  i_private: unknown
}

/** An open file: what open(2) makes, shared by dup(2) and fork(2). */
export interface file<T = any> {
  readonly f_inode: inode
  /** Path from the root of the simulated machine, such as "/dev/scull0". */
  readonly f_path: string
  /** Who opened it. */
  readonly f_cred: { readonly uid: number; readonly gid: number }
  f_op: file_operations
  /** O_RDWR, O_NONBLOCK …; follows fcntl(F_SETFL). */
  f_flags: number
  /** FMODE_READ | FMODE_WRITE | … */
  f_mode: number
  f_pos: loff_t
  private_data: T
}

export const FMODE_READ = 0x1
export const FMODE_WRITE = 0x2
export const FMODE_LSEEK = 0x4
export const FMODE_PREAD = 0x8
export const FMODE_PWRITE = 0x10
export const FMODE_EXEC = 0x20
/** Opened with O_PATH. */
export const FMODE_PATH = 0x4000
export const FMODE_ATOMIC_POS = 0x8000
export const FMODE_STREAM = 0x200000

export const SEEK_SET = 0
export const SEEK_CUR = 1
export const SEEK_END = 2
export const SEEK_DATA = 3
export const SEEK_HOLE = 4

/** What a driver does with its files. All are optional; what is missing gets Linux's answer. */
export interface file_operations<T = any> {
  owner?: module
  llseek?(filp: file<T>, offset: loff_t, whence: number): MaybePromise<loff_t>
  /** `ppos` is NULL, which is an oops to look behind, if the file was opened with stream_open(). */
  read?(
    filp: file<T>,
    buf: user_ptr,
    count: size_t,
    ppos: ref<loff_t>,
  ): MaybePromise<ssize_t>
  write?(
    filp: file<T>,
    buf: user_ptr,
    count: size_t,
    ppos: ref<loff_t>,
  ): MaybePromise<ssize_t>
  /** Called where there is no `read`, and for readv(2): bytes read, or an error. */
  read_iter?(iocb: kiocb<T>, to: iov_iter): MaybePromise<ssize_t>
  /** Called where there is no `write`, and for writev(2): bytes written, or an error. */
  write_iter?(iocb: kiocb<T>, from: iov_iter): MaybePromise<ssize_t>
  poll?(filp: file<T>, wait: poll_table): MaybePromise<__poll_t>
  unlocked_ioctl?(filp: file<T>, cmd: number, arg: user_ptr): MaybePromise<number>
  compat_ioctl?(filp: file<T>, cmd: number, arg: user_ptr): MaybePromise<number>
  /** mmap(2) of [vma.vm_start, vma.vm_end): put memory there, or say in `vm_ops` how it gets there. */
  mmap?(filp: file<T>, vma: vm_area_struct): MaybePromise<errno_t>
  open?(inode: inode, filp: file<T>): MaybePromise<errno_t>
  /** At each close(2) of a descriptor; its error is close(2)'s. */
  flush?(filp: file<T>): MaybePromise<errno_t>
  release?(inode: inode, filp: file<T>): MaybePromise<errno_t>
  fsync?(
    filp: file<T>,
    start: loff_t,
    end: loff_t,
    datasync: boolean,
  ): MaybePromise<errno_t>
  /**
   * O_ASYNC was switched, or (`fd` -1, `on` 0) the file is about to be released: call fasync_helper().
   * Positive counts as 0.
   */
  fasync?(fd: number, filp: file<T>, on: number): MaybePromise<errno_t>
}

/** A compat_ioctl for drivers whose ioctls mean the same to programs of 32 bits. */
export function compat_ptr_ioctl(
  filp: file,
  cmd: number,
  arg: user_ptr,
): MaybePromise<number> {
  return filp.f_op.unlocked_ioctl?.(filp, cmd, arg) ?? -ENOIOCTLCMD
}

export const file_inode = (filp: file): inode => filp.f_inode
export const imajor = (inode: inode): number => MAJOR(inode.i_rdev)
export const iminor = (inode: inode): number => MINOR(inode.i_rdev)

/** Reserve the numbers [from, from + count); 0, -EBUSY or -EINVAL. */
export declare const register_chrdev_region: CharDevices['register_chrdev_region']
/** Reserve `count` minors on a free major; `dev` receives the first number. */
export declare const alloc_chrdev_region: CharDevices['alloc_chrdev_region']
/** Give numbers back. */
export declare const unregister_chrdev_region: CharDevices['unregister_chrdev_region']
/** Reserve numbers of a major (0: any free one) and serve them; the major if it was 0, else 0; or an error. */
export declare const __register_chrdev: CharDevices['__register_chrdev']
export declare const __unregister_chrdev: CharDevices['__unregister_chrdev']
/** The same for the minors 0 to 255. */
export const register_chrdev = (
  major: number,
  name: string,
  fops: file_operations,
): number => __register_chrdev(major, 0, 256, name, fops)
/** Undo register_chrdev(). */
export const unregister_chrdev = (major: number, name: string): void =>
  __unregister_chrdev(major, 0, 256, name)

/** In open(): the file has no position; lseek, pread and pwrite give ESPIPE. Returns 0. */
export declare const nonseekable_open: typeof libfs.nonseekable_open
/**
 * As nonseekable_open(), and read(2) and write(2) never wait for one another; there is no `ppos`.
 * Returns 0.
 */
export declare const stream_open: typeof libfs.stream_open
/** llseek for devices that have no position: -ESPIPE. */
export declare const no_llseek: typeof libfs.no_llseek
/** llseek that succeeds and changes nothing. */
export declare const noop_llseek: typeof libfs.noop_llseek
/** llseek over any offset; the end is the inode's size. What a driver without one gets. */
export declare const default_llseek: typeof libfs.default_llseek
/** llseek of a file: the end is the inode's size. */
export declare const generic_file_llseek: typeof libfs.generic_file_llseek
/** As generic_file_llseek(), up to `maxsize`, with the end at `eof`. */
export declare const generic_file_llseek_size: typeof libfs.generic_file_llseek_size
/** llseek from the start or the position only: there is no end. */
export declare const no_seek_end_llseek: typeof libfs.no_seek_end_llseek
/** As no_seek_end_llseek(), up to `size`. */
export declare const no_seek_end_llseek_size: typeof libfs.no_seek_end_llseek_size
/** Go to `offset`, unless that is before 0 or behind `maxsize`: -EINVAL. */
export declare const vfs_setpos: typeof libfs.vfs_setpos
/** The path, as `filp.f_path`; C's buffer is not needed. */
export declare const file_path: typeof libfs.file_path
/** llseek within [0, size], for use inside a driver's own llseek. */
export declare const fixed_size_llseek: typeof libfs.fixed_size_llseek
/** read() of a device whose contents are in memory: copy, advance, and stop at `available`. */
export declare const simple_read_from_buffer: typeof libfs.simple_read_from_buffer
/** write() into memory: the counterpart of simple_read_from_buffer(). */
export declare const simple_write_to_buffer: typeof libfs.simple_write_to_buffer

/** Load this module when somebody mounts a file system of that name. */
export function MODULE_ALIAS_FS(name: string): void {
  __this_module.modinfo('alias', `fs-${name}`)
}
