// Memory of the calling program. Implemented in lib/usercopy.ts, lib/user_value.ts,
// lib/user_string.ts,
// lib/user_struct.ts and mm/util.ts. Linux: include/linux/uaccess.h.
import type { c_type } from '../uapi/c_types.ts'
import type * as usercopy from '../../lib/usercopy.ts'
import type { user_memory } from '../../lib/usercopy.ts'
import type { EXPORT_SYMBOL as user_struct } from '../../lib/user_struct.ts'
import type { EXPORT_SYMBOL as user_string } from '../../lib/user_string.ts'
import type * as user_value from '../../lib/user_value.ts'
import type { MemoryCopies } from '../../mm/util.ts'
import { bytesOf, type void_ptr } from './void_ptr.ts'

/** The C types get_user() and put_user() move, by their names in C. */
export type user_type = c_type

export type { void_ptr }

/**
 * An address in the memory of the calling program (`char __user *`).
 *
 * Only copy_to_user() and its family can look behind it. The number itself is there
 * too, because drivers also pass plain integers as the argument of an ioctl.
 */
export interface user_ptr {
  /** @internal whose memory it is */
  readonly memory: user_memory
  /** The address, or the integer that was passed as one: an `unsigned long`. */
  readonly value: bigint
  /** The same bits as a C `int`. */
  readonly int: number
  /** The pointer `bytes` further on: C's `p + bytes`. */
  plus(bytes: number): user_ptr
}

/** @internal What copy_to_user() and its like come to. */
export declare const _copy_to_user: typeof usercopy.copy_to_user
/** @internal What copy_from_user() and its like come to. */
export declare const _copy_from_user: typeof usercopy.copy_from_user

/** Copy `n` bytes to the program; returns how many could not be copied: 0 is success. */
export function copy_to_user(to: user_ptr, from: void_ptr, n: number): number {
  return _copy_to_user(to, bytesOf(from), n)
}

/**
 * Copy `n` bytes from the program; returns how many could not be copied, which are zeros then: 0 is
 * success.
 */
export function copy_from_user(to: void_ptr, from: user_ptr, n: number): number {
  return _copy_from_user(bytesOf(to), from, n)
}

/** Write zeros; returns how many bytes could not be written. */
export declare const clear_user: typeof usercopy.clear_user
/** Fetch one value of C type `type` into `x`; 0, or -EFAULT, and then `x` is 0. */
export declare const get_user: typeof user_value.get_user
/** Store one value of C type `type`, all of it or nothing; 0 or -EFAULT. */
export declare const put_user: typeof user_value.put_user
/**
 * Fetch a string of at most `count` bytes; its length without the NUL, `count` if there is none in
 * them, or -EFAULT.
 */
export declare const strncpy_from_user: (typeof user_string)['strncpy_from_user']
/** Length of a string with its NUL; more than `count` if it is longer; 0 if it cannot be read. */
export declare const strnlen_user: (typeof user_string)['strnlen_user']
/** Can [ptr, ptr + size) be memory of a program at all? */
export declare const access_ok: typeof usercopy.access_ok

// For those who have asked access_ok() before. The others ask it too, so these are the same.
export const __copy_to_user = copy_to_user
export const __copy_from_user = copy_from_user
export const __copy_to_user_inatomic = copy_to_user
export const __copy_from_user_inatomic = copy_from_user
export const __clear_user: typeof usercopy.clear_user = (to, n) => clear_user(to, n)
export const __get_user: typeof user_value.get_user = (x, ptr, type) =>
  get_user(x, ptr, type)
export const __put_user: typeof user_value.put_user = (value, ptr, type) =>
  put_user(value, ptr, type)

/** Are all `size` bytes zero? 1, 0, or -EFAULT. */
export declare const check_zeroed_user: (typeof user_struct)['check_zeroed_user']
/**
 * Fetch a struct that has `ksize` bytes here and `usize` in the program, which may be older or newer:
 * what it lacks becomes zero, what it has more must be zero. 0, -E2BIG or -EFAULT.
 */
export declare const copy_struct_from_user: (typeof user_struct)['copy_struct_from_user']

// Linux has these in linux/string.h, which also programs outside the kernel use here.
/** `len` bytes of the program's in memory of its own; -ENOMEM or -EFAULT. */
export declare const memdup_user: MemoryCopies['memdup_user']
/** As memdup_user(), with a NUL behind. */
export declare const memdup_user_nul: MemoryCopies['memdup_user_nul']
/** As memdup_user(). */
export declare const vmemdup_user: MemoryCopies['vmemdup_user']
/** A string of at most `n` bytes with its NUL; -EINVAL if it is longer, -ENOMEM, -EFAULT. */
export declare const strndup_user: MemoryCopies['strndup_user']
