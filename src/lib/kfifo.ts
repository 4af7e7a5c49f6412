// Queues of elements in a ring of bytes. Linux: lib/kfifo.c.
//
// `in` and `out` only count up, and wrap at 32 bits; the size is a power of two, so the place in the
// ring is what is left of them under `mask`.

import { EFAULT, EINVAL } from '../include/linux/errno.ts'
import type { __kfifo } from '../include/linux/kfifo_types.ts'
import type { errno_t, ref } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { copy_from_user, copy_to_user } from './usercopy.ts'

const roundup_pow_of_two = (n: number): number => 2 ** Math.ceil(Math.log2(n))
const rounddown_pow_of_two = (n: number): number => 2 ** Math.floor(Math.log2(n))

function __kfifo_alloc(fifo: __kfifo, size: number, esize: number): errno_t {
  const room = roundup_pow_of_two(Math.max(size, 1))
  if (room < 2) {
    __kfifo_free(fifo)
    return -EINVAL
  }
  return use(fifo, new Uint8Array(room * esize), room, esize)
}

/** `size`: bytes of `buffer`. */
function __kfifo_init(
  fifo: __kfifo,
  buffer: Uint8Array,
  size: number,
  esize: number,
): errno_t {
  const room = rounddown_pow_of_two(Math.max(Math.floor(size / esize), 1))
  if (room < 2) {
    __kfifo_free(fifo)
    return -EINVAL
  }
  return use(fifo, buffer, room, esize)
}

function use(fifo: __kfifo, data: Uint8Array, room: number, esize: number): errno_t {
  Object.assign(fifo, { in: 0, out: 0, mask: room - 1, esize, data })
  return 0
}

function __kfifo_free(fifo: __kfifo): void {
  Object.assign(fifo, { in: 0, out: 0, mask: 0, esize: 0, data: null })
}

/** Put in as many of `len` elements as there is room for: how many. */
function __kfifo_in(fifo: __kfifo, buf: Uint8Array, len: number): number {
  const n = Math.min(len, unused(fifo))
  for (const { at, from, bytes } of stretches(fifo, fifo.in, n)) {
    fifo.data?.set(buf.subarray(from, from + bytes), at)
  }
  fifo.in = (fifo.in + n) >>> 0
  return n
}

/** Copy out as many of `len` elements as there are, and leave them there: how many. */
function __kfifo_out_peek(fifo: __kfifo, buf: Uint8Array, len: number): number {
  const n = Math.min(len, used(fifo))
  for (const { at, from, bytes } of stretches(fifo, fifo.out, n)) {
    if (fifo.data) buf.set(fifo.data.subarray(at, at + bytes), from)
  }
  return n
}

function __kfifo_out(fifo: __kfifo, buf: Uint8Array, len: number): number {
  const n = __kfifo_out_peek(fifo, buf, len)
  fifo.out = (fifo.out + n) >>> 0
  return n
}

/** `len` and `copied` are bytes. What was copied before a bad address stays in. */
function __kfifo_from_user(
  fifo: __kfifo,
  from: user_ptr,
  len: number,
  copied: ref<number>,
): errno_t {
  const n = Math.min(Math.floor(len / fifo.esize), unused(fifo))
  const bytes = new Uint8Array(n * fifo.esize)
  const left = copy_from_user(bytes, from, bytes.length)
  const whole = n - Math.ceil(left / fifo.esize)
  __kfifo_in(fifo, bytes, whole)
  copied.value = whole * fifo.esize
  return left ? -EFAULT : 0
}

/** `len` and `copied` are bytes. What could not be copied stays in. */
function __kfifo_to_user(
  fifo: __kfifo,
  to: user_ptr,
  len: number,
  copied: ref<number>,
): errno_t {
  const n = Math.min(Math.floor(len / fifo.esize), used(fifo))
  const bytes = new Uint8Array(n * fifo.esize)
  __kfifo_out_peek(fifo, bytes, n)
  const left = copy_to_user(to, bytes, bytes.length)
  const whole = n - Math.ceil(left / fifo.esize)
  fifo.out = (fifo.out + whole) >>> 0
  copied.value = whole * fifo.esize
  return left ? -EFAULT : 0
}

function used(fifo: __kfifo): number {
  return (fifo.in - fifo.out) >>> 0
}

function unused(fifo: __kfifo): number {
  return fifo.data ? fifo.mask + 1 - used(fifo) : 0
}

/** `n` elements from `start` on: up to the end of the ring, and on from its beginning. */
function stretches(
  { mask, esize }: __kfifo,
  start: number,
  n: number,
): { at: number; from: number; bytes: number }[] {
  const at = start & mask
  const first = Math.min(n, mask + 1 - at) * esize
  return [
    { at: at * esize, from: 0, bytes: first },
    { at: 0, from: first, bytes: n * esize - first },
  ]
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  __kfifo_alloc,
  __kfifo_init,
  __kfifo_free,
  __kfifo_in,
  __kfifo_out,
  __kfifo_out_peek,
  __kfifo_from_user,
  __kfifo_to_user,
}
