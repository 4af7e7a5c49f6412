// Memory for drivers. Linux: include/linux/slab.h.
//
// Memory here is a Uint8Array, and gone when nobody refers to it any more: kfree() is there so that
// a driver reads as it does in C, and ends the use of what it is given.

import { __GFP_ZERO } from './gfp.ts'

export * from './gfp.ts'

/** Linux hands out no more than this at once, in bytes. */
export const KMALLOC_MAX_SIZE = 1 << 22

/** `size` bytes, or null if that is too much. Zeroed here, but do not count on it. */
export function kmalloc(size: number, _flags: number): Uint8Array | null {
  return size > KMALLOC_MAX_SIZE ? null : new Uint8Array(size)
}

/** `size` zeroed bytes, or null if that is too much. */
export function kzalloc(size: number, flags: number): Uint8Array | null {
  return kmalloc(size, flags | __GFP_ZERO)
}

/** `n` times `size` zeroed bytes, or null if that is too much. */
export function kcalloc(n: number, size: number, flags: number): Uint8Array | null {
  return kzalloc(n * size, flags)
}

/** Give memory back; null is all right. */
export function kfree(_objp: Uint8Array | null): void {}
