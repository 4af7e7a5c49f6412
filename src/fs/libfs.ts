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
      return setPosition(filp, offset)
    case SEEK_CUR:
      return setPosition(filp, filp.f_pos + offset)
    case SEEK_END:
      return setPosition(filp, filp.f_inode.i_size + offset)
    case SEEK_DATA:
      return offset >= filp.f_inode.i_size ? -ENXIO : setPosition(filp, offset)
    case SEEK_HOLE:
      return offset >= filp.f_inode.i_size
        ? -ENXIO
        : setPosition(filp, filp.f_inode.i_size)
    default:
      return -EINVAL
  }
}

/** `size`: where the end of the device is. */
export function fixed_size_llseek(
  filp: file,
  offset: number,
  whence: number,
  size: number,
): number {
  const bases: Record<number, number> = {
    [SEEK_SET]: 0,
    [SEEK_CUR]: filp.f_pos,
    [SEEK_END]: size,
  }
  const base = bases[whence]
  if (base === undefined || base + offset > size) return -EINVAL
  return setPosition(filp, base + offset)
}

function setPosition(filp: file, position: number): number {
  if (position < 0 || !Number.isSafeInteger(position)) return -EINVAL
  filp.f_pos = position
  return position
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
  fixed_size_llseek,
  simple_read_from_buffer,
  simple_write_to_buffer,
}
