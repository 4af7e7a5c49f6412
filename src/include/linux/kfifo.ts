// Queues of elements of one type. Implemented in lib/kfifo.ts. Linux: include/linux/kfifo.h.
//
// One who puts in and one who takes out need no lock; more need the *_spinlocked functions.
import type { EXPORT_SYMBOL as kernel } from '../../lib/kfifo.ts'
import type { __kfifo } from './kfifo_types.ts'
import { spin_lock_irqsave, spin_unlock_irqrestore, type spinlock } from './spinlock.ts'
import { struct } from './struct.ts'
import type { declaration, struct_type, value_of } from './struct_types.ts'
import type { errno_t, ref } from './types.ts'
import type { user_ptr } from './uaccess.ts'

/** `struct kfifo` and its relatives: a queue of `V`. Make one with DECLARE_KFIFO() and the like. */
export class kfifo<V = number> implements __kfifo {
  /** @internal */
  in = 0
  /** @internal */
  out = 0
  /** @internal */
  mask = 0
  /** @internal */
  data: Uint8Array | null = null
  /** @internal */
  esize: number
  /** @internal an element as the only member of a struct */
  readonly cell: struct_type<{ element: V }>

  constructor(cell: struct_type<{ element: V }>, size = 0) {
    this.cell = cell
    this.esize = cell.sizeof
    if (size === 0) return
    this.mask = size - 1
    this.data = new Uint8Array(size * this.esize)
  }
}

/** What kfifo_in() takes and kfifo_out() fills: bytes as they are, or an element in each place. */
export type kfifo_buffer<V> = Uint8Array | V[]

/**
 * `DECLARE_KFIFO(fifo, type, size)` is `const fifo = DECLARE_KFIFO(type, size)`, with a type as for a
 * member of a struct(). The size, in elements, must be a power of two: RangeError.
 */
export function DECLARE_KFIFO<const D extends declaration>(
  type: D,
  size: number,
): kfifo<value_of<D>> {
  if (size < 2 || !Number.isInteger(Math.log2(size))) {
    throw new RangeError(`The size of a kfifo is no power of two: ${size}`)
  }
  return new kfifo(cellOf(type), size)
}

/** The same: it is ready for use. */
export const DEFINE_KFIFO = DECLARE_KFIFO

/** A queue without a buffer, for kfifo_alloc() or kfifo_init(). */
export const DECLARE_KFIFO_PTR = <const D extends declaration>(
  type: D,
): kfifo<value_of<D>> => new kfifo(cellOf(type))

function cellOf<D extends declaration>(type: D): struct_type<{ element: value_of<D> }> {
  return struct({ element: type }) as unknown as struct_type<{ element: value_of<D> }>
}

/** @internal */
export declare const __kfifo_alloc: (typeof kernel)['__kfifo_alloc']
/** @internal */
export declare const __kfifo_init: (typeof kernel)['__kfifo_init']
/** @internal */
export declare const __kfifo_free: (typeof kernel)['__kfifo_free']
/** @internal */
export declare const __kfifo_in: (typeof kernel)['__kfifo_in']
/** @internal */
export declare const __kfifo_out: (typeof kernel)['__kfifo_out']
/** @internal */
export declare const __kfifo_out_peek: (typeof kernel)['__kfifo_out_peek']
/** @internal */
export declare const __kfifo_from_user: (typeof kernel)['__kfifo_from_user']
/** @internal */
export declare const __kfifo_to_user: (typeof kernel)['__kfifo_to_user']

/** Room for `size` elements, rounded up to a power of two: 0 or -EINVAL. `_gfp` as for kmalloc(). */
export const kfifo_alloc = <V>(fifo: kfifo<V>, size: number, _gfp: number): errno_t =>
  __kfifo_alloc(fifo, size, fifo.cell.sizeof)
/** Use the first `size` bytes of `buffer`, rounded down to a power of two of elements. */
export const kfifo_init = <V>(
  fifo: kfifo<V>,
  buffer: Uint8Array,
  size: number,
): errno_t => __kfifo_init(fifo, buffer, size, fifo.cell.sizeof)
/** Give back what kfifo_alloc() took. */
export const kfifo_free = <V>(fifo: kfifo<V>): void => __kfifo_free(fifo)

/** Empty it; nobody may use it meanwhile. */
export function kfifo_reset<V>(fifo: kfifo<V>): void {
  fifo.in = 0
  fifo.out = 0
}
export const INIT_KFIFO = kfifo_reset
/** Empty it, for who takes out. */
export function kfifo_reset_out<V>(fifo: kfifo<V>): void {
  fifo.out = fifo.in
}

/** Has it a buffer? */
export const kfifo_initialized = <V>(fifo: kfifo<V>): boolean => fifo.mask !== 0
/** Bytes of an element. */
export const kfifo_esize = <V>(fifo: kfifo<V>): number => fifo.cell.sizeof
/** Elements that it has room for. */
export const kfifo_size = <V>(fifo: kfifo<V>): number => fifo.mask + 1
/** Elements in it. */
export const kfifo_len = <V>(fifo: kfifo<V>): number => (fifo.in - fifo.out) >>> 0
/** Elements that still fit. */
export const kfifo_avail = <V>(fifo: kfifo<V>): number =>
  kfifo_size(fifo) - kfifo_len(fifo)
export const kfifo_is_empty = <V>(fifo: kfifo<V>): boolean => fifo.in === fifo.out
export const kfifo_is_full = <V>(fifo: kfifo<V>): boolean => kfifo_len(fifo) > fifo.mask

/** Drop the next element. */
export function kfifo_skip<V>(fifo: kfifo<V>): void {
  fifo.out = (fifo.out + 1) >>> 0
}

/** Put one in: 1, or 0 if it is full. */
export const kfifo_put = <V>(fifo: kfifo<V>, val: V): number => kfifo_in(fifo, [val], 1)

/** Take one out into `val`: 1, or 0 if it is empty. */
export function kfifo_get<V>(fifo: kfifo<V>, val: ref<V>): number {
  const n = kfifo_peek(fifo, val)
  if (n) kfifo_skip(fifo)
  return n
}

/** As kfifo_get(), and leave it in. */
export function kfifo_peek<V>(fifo: kfifo<V>, val: ref<V>): number {
  const one: V[] = []
  const n = kfifo_out_peek(fifo, one, 1)
  if (n) val.value = one[0] as V
  return n
}

/** Put in as many of the `n` elements in `buf` as fit: how many. */
export function kfifo_in<V>(fifo: kfifo<V>, buf: kfifo_buffer<V>, n: number): number {
  if (ArrayBuffer.isView(buf)) return __kfifo_in(fifo, buf, n)
  const { sizeof } = fifo.cell
  const some = Math.min(n, buf.length)
  const bytes = new Uint8Array(some * sizeof)
  for (let i = 0; i < some; i++) new fifo.cell(bytes, i * sizeof).element = buf[i] as V
  return __kfifo_in(fifo, bytes, some)
}

/** Take out up to `n` elements into `buf`: how many. */
export function kfifo_out<V>(fifo: kfifo<V>, buf: kfifo_buffer<V>, n: number): number {
  const taken = kfifo_out_peek(fifo, buf, n)
  fifo.out = (fifo.out + taken) >>> 0
  return taken
}

/** As kfifo_out(), and leave them in. */
export function kfifo_out_peek<V>(
  fifo: kfifo<V>,
  buf: kfifo_buffer<V>,
  n: number,
): number {
  if (ArrayBuffer.isView(buf)) return __kfifo_out_peek(fifo, buf, n)
  const { sizeof } = fifo.cell
  const bytes = new Uint8Array(Math.min(n, kfifo_len(fifo)) * sizeof)
  const taken = __kfifo_out_peek(fifo, bytes, n)
  for (let i = 0; i < taken; i++) buf[i] = new fifo.cell(bytes, i * sizeof).element
  return taken
}

/** kfifo_in() with `lock` held. */
export function kfifo_in_spinlocked<V>(
  fifo: kfifo<V>,
  buf: kfifo_buffer<V>,
  n: number,
  lock: spinlock,
): number {
  const flags = spin_lock_irqsave(lock)
  const done = kfifo_in(fifo, buf, n)
  spin_unlock_irqrestore(lock, flags)
  return done
}

/** kfifo_out() with `lock` held. */
export function kfifo_out_spinlocked<V>(
  fifo: kfifo<V>,
  buf: kfifo_buffer<V>,
  n: number,
  lock: spinlock,
): number {
  const flags = spin_lock_irqsave(lock)
  const done = kfifo_out(fifo, buf, n)
  spin_unlock_irqrestore(lock, flags)
  return done
}

/** Put in up to `len` bytes from a program; `copied` is told how many: 0 or -EFAULT. */
export const kfifo_from_user = <V>(
  fifo: kfifo<V>,
  from: user_ptr,
  len: number,
  copied: ref<number>,
): errno_t => __kfifo_from_user(fifo, from, len, copied)
/** Take out up to `len` bytes for a program; `copied` is told how many: 0 or -EFAULT. */
export const kfifo_to_user = <V>(
  fifo: kfifo<V>,
  to: user_ptr,
  len: number,
  copied: ref<number>,
): errno_t => __kfifo_to_user(fifo, to, len, copied)
