// Pieces of file operations that drivers and file systems share. Linux: fs/libfs.c, fs/read_write.c.

import { EFAULT, EINVAL, EIO, ENXIO, ESPIPE } from '../include/linux/errno.ts'
import {
  FMODE_ATOMIC_POS,
  FMODE_LSEEK,
  FMODE_PREAD,
  FMODE_PWRITE,
  FMODE_STREAM,
  SEEK_CUR,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
  SEEK_SET,
  type file,
  type inode,
} from '../include/linux/fs.ts'
import type { errno_t, ref } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { copy_from_user, copy_to_user } from '../lib/usercopy.ts'

/** Positions end where numbers are no longer exact. */
const OFFSET_MAX = Number.MAX_SAFE_INTEGER

export function nonseekable_open(_inode: inode, filp: file): errno_t {
  filp.f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE)
  return 0
}

export function stream_open(_inode: inode, filp: file): errno_t {
  filp.f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS)
  filp.f_mode |= FMODE_STREAM
  return 0
}

export function no_llseek(_filp: file, _offset: number, _whence: number): number {
  return -ESPIPE
}

export function noop_llseek(filp: file, _offset: number, _whence: number): number {
  return filp.f_pos
}

export function default_llseek(filp: file, offset: number, whence: number): number {
  switch (whence) {
    case SEEK_SET:
      return vfs_setpos(filp, offset, OFFSET_MAX)
    case SEEK_CUR:
      return vfs_setpos(filp, filp.f_pos + offset, OFFSET_MAX)
    case SEEK_END:
      return vfs_setpos(filp, filp.f_inode.i_size + offset, OFFSET_MAX)
    case SEEK_DATA:
      return offset >= filp.f_inode.i_size ? -ENXIO : vfs_setpos(filp, offset, OFFSET_MAX)
    case SEEK_HOLE:
      return offset >= filp.f_inode.i_size
        ? -ENXIO
        : vfs_setpos(filp, filp.f_inode.i_size, OFFSET_MAX)
    default:
      return -EINVAL
  }
}

export function generic_file_llseek_size(
  filp: file,
  offset: number,
  whence: number,
  maxsize: number,
  eof: number,
): number {
  switch (whence) {
    case SEEK_END:
      return vfs_setpos(filp, eof + offset, maxsize)
    case SEEK_CUR:
      // The program asks where it is, which may be where it could not go.
      return offset === 0 ? filp.f_pos : vfs_setpos(filp, filp.f_pos + offset, maxsize)
    case SEEK_DATA:
    case SEEK_HOLE:
      if (offset < 0 || offset >= eof) return -ENXIO
      return vfs_setpos(filp, whence === SEEK_DATA ? offset : eof, maxsize)
    default:
      return vfs_setpos(filp, offset, maxsize)
  }
}

export function generic_file_llseek(filp: file, offset: number, whence: number): number {
  const { i_size } = filp.f_inode
  return generic_file_llseek_size(filp, offset, whence, OFFSET_MAX, i_size)
}

/** `size`: where the end of the device is. */
export function fixed_size_llseek(
  filp: file,
  offset: number,
  whence: number,
  size: number,
): number {
  if (whence > SEEK_END) return -EINVAL
  return generic_file_llseek_size(filp, offset, whence, size, size)
}

export function no_seek_end_llseek(filp: file, offset: number, whence: number): number {
  return no_seek_end_llseek_size(filp, offset, whence, OFFSET_MAX)
}

export function no_seek_end_llseek_size(
  filp: file,
  offset: number,
  whence: number,
  size: number,
): number {
  if (whence !== SEEK_SET && whence !== SEEK_CUR) return -EINVAL
  return generic_file_llseek_size(filp, offset, whence, size, 0)
}

export function vfs_setpos(filp: file, offset: number, maxsize: number): number {
  if (offset < 0 || offset > maxsize) return -EINVAL
  filp.f_pos = offset
  return offset
}

export function file_path(filp: file): string {
  return filp.f_path
}

/** Bytes copied, or -EFAULT, or -EINVAL for a negative position. */
export function simple_read_from_buffer(
  to: user_ptr,
  count: number,
  ppos: ref<number>,
  from: Uint8Array,
  available: number,
): number {
  const pos = ppos.value
  if (pos < 0) return -EINVAL
  if (pos >= available || count === 0) return 0

  const wanted = Math.min(count, available - pos)
  const copied = wanted - copy_to_user(to, from.subarray(pos, pos + wanted), wanted)
  if (copied === 0) return -EFAULT
  ppos.value = pos + copied
  return copied
}

/** Bytes copied, or -EFAULT, or -EINVAL for a negative position. */
export function simple_write_to_buffer(
  to: Uint8Array,
  available: number,
  ppos: ref<number>,
  from: user_ptr,
  count: number,
): number {
  const pos = ppos.value
  if (pos < 0) return -EINVAL
  if (pos >= available || count === 0) return 0

  const wanted = Math.min(count, available - pos)
  const copied = wanted - copy_from_user(to.subarray(pos, pos + wanted), from, wanted)
  if (copied === 0) return -EFAULT
  ppos.value = pos + copied
  return copied
}

/** mmap for files of which no driver says how to map them. */
export const no_mmap = (): errno_t => -EIO

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  nonseekable_open,
  stream_open,
  no_llseek,
  noop_llseek,
  default_llseek,
  generic_file_llseek,
  generic_file_llseek_size,
  fixed_size_llseek,
  no_seek_end_llseek,
  no_seek_end_llseek_size,
  vfs_setpos,
  file_path,
  simple_read_from_buffer,
  simple_write_to_buffer,
}
