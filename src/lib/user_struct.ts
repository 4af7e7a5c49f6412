// Structs of a program's that may be larger or smaller than the driver knows them. Linux:
// lib/usercopy.c.

import { E2BIG, EFAULT } from '../include/uapi/errno.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { bytesOf, type void_ptr } from '../include/linux/void_ptr.ts'
import { access_ok, copy_from_user, fetch } from './usercopy.ts'

const PIECE = 4096

/** 1 if all bytes are zero, 0 if one is not, -EFAULT if memory ends before that is known. */
export function check_zeroed_user(from: user_ptr, size: number): number {
  if (size === 0) return 1
  if (!access_ok(from, size)) return -EFAULT
  const bytes = new Uint8Array(Math.min(size, PIECE))
  for (let done = 0; done < size;) {
    const want = Math.min(size - done, PIECE)
    const n = fetch(bytes, from.plus(done), want)
    if (bytes.subarray(0, n).some(byte => byte !== 0)) return 0
    if (n < want) return -EFAULT
    done += n
  }
  return 1
}

/**
 * A struct of `ksize` bytes here and `usize` bytes there: what the program's lacks is zero, and what it
 * has more must be. -E2BIG if it is not, -EFAULT.
 */
export function copy_struct_from_user(
  dst: void_ptr,
  ksize: number,
  src: user_ptr,
  usize: number,
): errno_t {
  const size = Math.min(ksize, usize)
  const bytes = bytesOf(dst)
  if (usize < ksize) bytes.fill(0, size, ksize)
  if (usize > ksize) {
    const zeroed = check_zeroed_user(src.plus(size), usize - size)
    if (zeroed <= 0) return zeroed || -E2BIG
  }
  return copy_from_user(bytes, src, size) ? -EFAULT : 0
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  check_zeroed_user,
  copy_struct_from_user,
}
