// Arrays of bits; %*pb shows them. Linux: include/linux/bitmap.h.
import {
  clear_bit,
  find_first_bit,
  find_first_zero_bit,
  set_bit,
  test_bit,
} from './bitops.ts'

export * from './bitops.ts'

/** How many words of 64 bits hold `nr` bits. */
export const BITS_TO_LONGS = (nr: number): number => Math.ceil(nr / 64)

/** `DECLARE_BITMAP(map, 128)` is `const map = DECLARE_BITMAP(128)`: all bits are clear. */
export const DECLARE_BITMAP = (nbits: number): Uint32Array =>
  new Uint32Array(2 * BITS_TO_LONGS(nbits))
/** As DECLARE_BITMAP(); it never fails. */
export const bitmap_zalloc = (nbits: number, _flags: number): Uint32Array =>
  DECLARE_BITMAP(nbits)
export const bitmap_free = (_bitmap: Uint32Array | null): void => {}

/** Clear the first `nbits`. */
export const bitmap_zero = (dst: Uint32Array, nbits: number): void =>
  bitmap_clear(dst, 0, nbits)
/** Set the first `nbits`. */
export const bitmap_fill = (dst: Uint32Array, nbits: number): void =>
  bitmap_set(dst, 0, nbits)
/** Set `nbits` from `start` on. */
export function bitmap_set(map: Uint32Array, start: number, nbits: number): void {
  for (let nr = start; nr < start + nbits; nr++) set_bit(nr, map)
}
/** Clear `nbits` from `start` on. */
export function bitmap_clear(map: Uint32Array, start: number, nbits: number): void {
  for (let nr = start; nr < start + nbits; nr++) clear_bit(nr, map)
}
/** Is none of the first `nbits` set? */
export const bitmap_empty = (src: Uint32Array, nbits: number): boolean =>
  find_first_bit(src, nbits) === nbits
/** Are all of the first `nbits` set? */
export const bitmap_full = (src: Uint32Array, nbits: number): boolean =>
  find_first_zero_bit(src, nbits) === nbits
/** How many of the first `nbits` are set? */
export function bitmap_weight(src: Uint32Array, nbits: number): number {
  let n = 0
  for (let nr = 0; nr < nbits; nr++) if (test_bit(nr, src)) n++
  return n
}

/**
 * Where, from `start` on, `nr` clear bits begin, at a multiple of `align_mask` + 1; at or beyond
 * `size` if nowhere.
 */
export function bitmap_find_next_zero_area(
  map: Uint32Array,
  size: number,
  start: number,
  nr: number,
  align_mask: number,
): number {
  let at = start
  for (;;) {
    at = (at + align_mask) & ~align_mask
    if (at + nr > size) return size + 1
    let end = at
    while (end < at + nr && !test_bit(end, map)) end++
    if (end === at + nr) return at
    at = end + 1
  }
}
