// Copying to and from the memory of a calling program. Linux: lib/usercopy.c.
//
// A user_ptr is an address in a user_memory. There are two kinds of memory: a window on
// the bytes that a read(2) or write(2) already carries (below), and the memory of a live
// process (fuse/user_memory.ts). Code here does not know which one it has.

import { EFAULT } from '../include/uapi/errno.ts'
import type { user_ptr, user_type } from '../include/linux/uaccess.ts'
import type { errno_t, ref } from '../include/linux/types.ts'

/** The memory of one program, or a window on part of it. Counts are bytes actually moved. */
export interface user_memory {
  /** Fill `to` from `address` on; returns how many bytes could be read. */
  read(address: bigint | number, to: Uint8Array): number
  /** Store `from` at `address`; returns how many bytes could be written. */
  write(address: bigint | number, from: Uint8Array): number
}

/** Where user space ends on x86-64: addresses from here on are never a program's. */
const TASK_SIZE = 0x7ffffffff000n

/** A pointer into the memory of a process, or the bare argument of an ioctl. */
export class process_ptr implements user_ptr {
  readonly memory: user_memory
  readonly value: bigint

  constructor(memory: user_memory, value: bigint) {
    this.memory = memory
    this.value = BigInt.asUintN(64, value)
  }

  get int(): number {
    return Number(BigInt.asIntN(32, this.value))
  }

  plus(bytes: number): user_ptr {
    return new process_ptr(this.memory, this.value + BigInt(bytes))
  }
}

const NOTHING = new Uint8Array(0)
/** Up to here a loop is faster than asking the engine to copy. */
const FEW = 32

/**
 * The bytes of one read(2) or write(2). The transport lends its own buffer to a driver that
 * answers at once, and takes it back from one that waits: detach() for read(2), keep() for
 * write(2).
 */
export class UserWindow implements user_memory {
  bytes: Uint8Array
  /** Where in `bytes` address 0 of the window is. */
  start: number
  /** What the program asked for; 0 once it has its answer. */
  length: number
  /** Up to where the driver has written; no byte below is left over from someone else. */
  filled = 0

  constructor(bytes: Uint8Array, start: number, length: number) {
    this.bytes = bytes
    this.start = start
    this.length = length
  }

  read(address: bigint | number, to: Uint8Array): number {
    return this.take(Number(address), to, to.length)
  }

  /** As read(), into the first `count` bytes of `to`. */
  take(at: number, to: Uint8Array, count: number): number {
    const n = Math.min(count, to.length, this.length - at)
    if (n <= 0 || at < 0) return 0

    const from = this.start + at
    if (n > FEW) to.set(this.bytes.subarray(from, from + n))
    else for (let i = 0; i < n; i++) to[i] = this.bytes[from + i] ?? 0
    return n
  }

  write(address: bigint | number, from: Uint8Array): number {
    return this.put(Number(address), from, from.length)
  }

  /** As write(), of the first `count` bytes of `from`. */
  put(at: number, from: Uint8Array, count: number): number {
    const n = Math.min(count, from.length, this.length - at)
    if (n <= 0 || at < 0) return 0
    if (at + n > this.filled) this.#reach(at, at + n)

    const to = this.start + at
    if (n > FEW) this.bytes.set(n === from.length ? from : from.subarray(0, n), to)
    else for (let i = 0; i < n; i++) this.bytes[to + i] = from[i] ?? 0
    return n
  }

  /** Store `count` zeros at `at`; how many fitted. */
  clear(at: number, count: number): number {
    const n = Math.min(count, this.length - at)
    if (n <= 0 || at < 0) return 0
    if (at + n > this.filled) this.#reach(at, at + n)

    this.bytes.fill(0, this.start + at, this.start + at + n)
    return n
  }

  /** The driver sleeps in read(2): leave the shared buffer, with what it has written. */
  detach(): void {
    const used = this.filled === 0 ? 0 : this.start + this.filled
    this.bytes = used === 0 ? NOTHING : copyOf(this.bytes, 0, used)
  }

  /** The driver sleeps in write(2): take along what it has not read yet. */
  keep(): void {
    this.bytes = copyOf(this.bytes, this.start, this.start + this.length)
    this.start = 0
  }

  /** The driver says it has written `n` bytes: zeros stand for those it has not. */
  complete(n: number): void {
    if (n > this.filled) this.#reach(n, n)
  }

  /** The program has its answer: a pointer that a driver kept leads nowhere. */
  end(): void {
    this.length = 0
  }

  /** Bytes up to `end` are about to be written from `from` on: room for them, zeros before. */
  #reach(from: number, end: number): void {
    if (this.start + end > this.bytes.length) this.#grow(end)
    if (from > this.filled)
      this.bytes.fill(0, this.start + this.filled, this.start + from)
    this.filled = end
  }

  /** After detach(): room as it is needed, since most readers that wait get few bytes. */
  #grow(end: number): void {
    const size = this.start + Math.max(end, Math.min(this.length, 2 * this.filled))
    const bytes = new Uint8Array(size)
    bytes.set(this.bytes)
    this.bytes = bytes
  }
}

/** Not slice(): a Buffer's slice shares memory. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start)
  copy.set(bytes.subarray(start, end))
  return copy
}

/** A pointer into a UserWindow, `offset` bytes from its start. */
export class window_ptr implements user_ptr {
  readonly memory: UserWindow
  readonly offset: number

  constructor(memory: UserWindow, offset = 0) {
    this.memory = memory
    this.offset = offset
  }

  get value(): bigint {
    return BigInt(this.offset)
  }

  get int(): number {
    return this.offset
  }

  plus(bytes: number): user_ptr {
    return new window_ptr(this.memory, this.offset + bytes)
  }
}

/** An address as a number where that is exact and cheap. */
function address(ptr: user_ptr): bigint | number {
  return ptr instanceof window_ptr ? ptr.offset : ptr.value
}

export function copy_to_user(to: user_ptr, from: Uint8Array, n: number): number {
  if (n === 0) return 0
  if (to instanceof window_ptr) return n - to.memory.put(to.offset, from, n)
  return n - to.memory.write(address(to), n === from.length ? from : from.subarray(0, n))
}

function fetch(to: Uint8Array, from: user_ptr, n: number): number {
  if (from instanceof window_ptr) return from.memory.take(from.offset, to, n)
  return from.memory.read(address(from), n === to.length ? to : to.subarray(0, n))
}

/** What could not be copied is zeroed in `to`, as on Linux. */
export function copy_from_user(to: Uint8Array, from: user_ptr, n: number): number {
  if (n === 0) return 0
  const copied = fetch(to, from, n)
  if (copied < n) to.fill(0, copied, n)
  return n - copied
}

export function clear_user(to: user_ptr, n: number): number {
  if (to instanceof window_ptr) return n - to.memory.clear(to.offset, n)
  return copy_to_user(to, new Uint8Array(n), n)
}

interface Scalar {
  size: 1 | 2 | 4 | 8
  signed: boolean
}

const SCALARS: Record<user_type, Scalar> = {
  char: { size: 1, signed: true },
  'signed char': { size: 1, signed: true },
  'unsigned char': { size: 1, signed: false },
  short: { size: 2, signed: true },
  'unsigned short': { size: 2, signed: false },
  int: { size: 4, signed: true },
  'unsigned int': { size: 4, signed: false },
  long: { size: 8, signed: true },
  'unsigned long': { size: 8, signed: false },
  'long long': { size: 8, signed: true },
  'unsigned long long': { size: 8, signed: false },
  pointer: { size: 8, signed: false },
}

/**
 * Fetch one value. 64-bit types come as a number when `x` holds a number and the value is
 * exact as one, else as a bigint: `ref(0n)` always gets a bigint.
 */
export function get_user<T extends number | bigint>(
  x: ref<T>,
  ptr: user_ptr,
  type: user_type,
): errno_t {
  const { size, signed } = SCALARS[type]
  const bytes = new Uint8Array(size)
  if (copy_from_user(bytes, ptr, size)) return -EFAULT

  const view = new DataView(bytes.buffer)
  if (size === 8) {
    const wide = signed ? view.getBigInt64(0, true) : view.getBigUint64(0, true)
    const exact = typeof x.value === 'number' && Number.isSafeInteger(Number(wide))
    x.value = (exact ? Number(wide) : wide) as T
    return 0
  }
  const value = readScalar(view, size, signed)
  x.value = (typeof x.value === 'bigint' ? BigInt(value) : value) as T
  return 0
}

/** Store one value, cut to the size of `type` as a C assignment cuts it. */
export function put_user(
  value: number | bigint,
  ptr: user_ptr,
  type: user_type,
): errno_t {
  const { size } = SCALARS[type]
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true)
  return copy_to_user(ptr, bytes.subarray(0, size), size) ? -EFAULT : 0
}

function readScalar(view: DataView, size: 1 | 2 | 4, signed: boolean): number {
  if (size === 1) return signed ? view.getInt8(0) : view.getUint8(0)
  if (size === 2) return signed ? view.getInt16(0, true) : view.getUint16(0, true)
  return signed ? view.getInt32(0, true) : view.getUint32(0, true)
}

/** `to` receives the string with its NUL, if that fits into `count` bytes. */
export function strncpy_from_user(to: Uint8Array, from: user_ptr, count: number): number {
  const copied = from.memory.read(address(from), to.subarray(0, count))
  const end = to.subarray(0, copied).indexOf(0)
  if (end >= 0) return end
  return copied < Math.min(count, to.length) ? -EFAULT : copied
}

export function strnlen_user(str: user_ptr, count: number): number {
  const bytes = new Uint8Array(count)
  const copied = str.memory.read(address(str), bytes)
  const end = bytes.subarray(0, copied).indexOf(0)
  if (end >= 0) return end + 1
  return copied < count ? 0 : count + 1
}

export function access_ok(ptr: user_ptr, size: number): boolean {
  return ptr.value + BigInt(size) <= TASK_SIZE
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  copy_to_user,
  copy_from_user,
  clear_user,
  get_user,
  put_user,
  strncpy_from_user,
  strnlen_user,
  access_ok,
}
