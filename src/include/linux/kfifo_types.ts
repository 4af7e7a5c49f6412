// What a kfifo is made of. Linux: struct __kfifo in include/linux/kfifo.h.

/** @internal The ring; `data` is null before kfifo_alloc() and after kfifo_free(). */
export interface __kfifo {
  in: number
  out: number
  /** Elements that fit, less one. */
  mask: number
  /** Bytes of an element. */
  esize: number
  data: Uint8Array | null
}
