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

/**
 * The bytes of one read(2) or write(2). `bytes` may be exchanged while a driver sleeps:
 * the transport lends its own buffer to a driver that answers at once, and gives
 * one that waits a buffer of its own.
 */
export class UserWindow implements user_memory {
  bytes: Uint8Array
  /** Where in `bytes` address 0 of the window is. */
  start: number
  readonly length: number

  constructor(bytes: Uint8Array, start: number, length: number) {
    this.bytes = bytes
    this.start = start
    this.length = length
  }

  read(address: bigint | number, to: Uint8Array): number {
    const at = Number(address)
    const n = Math.max(0, Math.min(to.length, this.length - at))
    to.set(this.bytes.subarray(this.start + at, this.start + at + n))
    return n
  }

  write(address: bigint | number, from: Uint8Array): number {
    const at = Number(address)
    const n = Math.max(0, Math.min(from.length, this.length - at))
    this.bytes.set(n === from.length ? from : from.subarray(0, n), this.start + at)
    return n
  }
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
  return n - to.memory.write(address(to), n === from.length ? from : from.subarray(0, n))
}

/** What could not be copied is zeroed in `to`, as on Linux. */
export function copy_from_user(to: Uint8Array, from: user_ptr, n: number): number {
  if (n === 0) return 0
  const copied = from.memory.read(address(from), n === to.length ? to : to.subarray(0, n))
  if (copied < n) to.fill(0, copied, n)
  return n - copied
}

export function clear_user(to: user_ptr, n: number): number {
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
export function put_user(value: number | bigint, ptr: user_ptr, type: user_type): errno_t {
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
