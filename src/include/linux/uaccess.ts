// Memory of the calling program. Implemented in lib/usercopy.ts. Linux: include/linux/uaccess.h.
import type * as usercopy from '../../lib/usercopy.ts'
import type { user_memory } from '../../lib/usercopy.ts'

/** The C types get_user() and put_user() move, by their names in C. */
export type user_type =
  | 'char'
  | 'signed char'
  | 'unsigned char'
  | 'short'
  | 'unsigned short'
  | 'int'
  | 'unsigned int'
  | 'long'
  | 'unsigned long'
  | 'long long'
  | 'unsigned long long'
  | 'pointer'

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

/** Copy `n` bytes to the program; returns how many could not be copied: 0 is success. */
export declare const copy_to_user: typeof usercopy.copy_to_user
/** Copy `n` bytes from the program; returns how many could not be copied: 0 is success. */
export declare const copy_from_user: typeof usercopy.copy_from_user
/** Write zeros; returns how many bytes could not be written. */
export declare const clear_user: typeof usercopy.clear_user
/** Fetch one value of C type `type` into `x`; 0 or -EFAULT. */
export declare const get_user: typeof usercopy.get_user
/** Store one value of C type `type`; 0 or -EFAULT. */
export declare const put_user: typeof usercopy.put_user
/** Fetch a string of at most `count` bytes; its length without the NUL, or -EFAULT. */
export declare const strncpy_from_user: typeof usercopy.strncpy_from_user
/** Length of a string with its NUL, at most `count` + 1; 0 if it cannot be read. */
export declare const strnlen_user: typeof usercopy.strnlen_user
/** Could [ptr, ptr + size) be memory of a program at all? */
export declare const access_ok: typeof usercopy.access_ok
