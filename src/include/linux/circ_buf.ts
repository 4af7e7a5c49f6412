// Ring buffers by hand. Linux: include/linux/circ_buf.h.

/** `struct circ_buf`; the size of `buf` is a power of two. */
export class circ_buf {
  buf = new Uint8Array()
  head = 0
  tail = 0
}

/** Bytes in it. */
export const CIRC_CNT = (head: number, tail: number, size: number): number =>
  (head - tail) & (size - 1)
/** Bytes that fit: one less than there is room for. */
export const CIRC_SPACE = (head: number, tail: number, size: number): number =>
  CIRC_CNT(tail, head + 1, size)
/** Bytes up to the end of the buffer. */
export const CIRC_CNT_TO_END = (head: number, tail: number, size: number): number =>
  Math.min(CIRC_CNT(head, tail, size), size - tail)
/** Room up to the end of the buffer. */
export const CIRC_SPACE_TO_END = (head: number, tail: number, size: number): number =>
  Math.min(CIRC_SPACE(head, tail, size), size - head)
