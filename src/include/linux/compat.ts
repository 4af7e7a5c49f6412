// Programs of 32 bits on a kernel of 64. Linux: include/linux/compat.h.
import { u64_to_user_ptr } from './kernel.ts'
import type { user_ptr } from './uaccess.ts'

/** A pointer that a program of 32 bits has put into a struct. */
export const compat_ptr = (uptr: number): user_ptr => u64_to_user_ptr(uptr >>> 0)

/** The 32 bits that such a program has for a pointer. */
export const ptr_to_compat = (uptr: user_ptr): number => uptr.int >>> 0
