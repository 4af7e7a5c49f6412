// Copying to and from the memory of a calling program. Linux: lib/usercopy.c.
//
// A user_ptr is an address in a user_memory. There are two kinds of memory: a window on
// the bytes that a read(2) or write(2) already carries (below), and the memory of a live
// process (fuse/user_memory.ts). Code here does not know which one it has.

import type { user_ptr } from '../include/linux/uaccess.ts'
import { Bug } from './bug.ts'
import { KMALLOC_SIZES, kmalloc_name } from './kmalloc_sizes.ts'

/** The memory of one program, or a window on part of it. Counts are bytes actually moved. */
export interface user_memory {
  /** Fill `to` from `address` on; returns how many bytes could be read. */
  read(address: bigint | number, to: Uint8Array): number
  /** Store `from` at `address`; returns how many bytes could be written. */
  write(address: bigint | number, from: Uint8Array): number
}

/** The memory of a task that has none. */
export const no_memory: user_memory = { read: () => 0, write: () => 0 }

/** Where user space ends on x86-64: addresses from here on are never a program's. */
export const TASK_SIZE_MAX = 0x7ffffffff000n
/** Linux moves no more at once, in bytes. */
const INT_MAX = 0x7fffffff

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

/** Is all of [ptr, ptr + size) where the memory of a program can be? */
export function access_ok(ptr: user_ptr, size: number): boolean {
  return size >= 0 && ptr.value + BigInt(size) <= TASK_SIZE_MAX
}

const mayCopy = (ptr: user_ptr, n: number): boolean => n <= INT_MAX && access_ok(ptr, n)

/** What a copy of `n` bytes can take from or put into `bytes`. */
const first = (bytes: Uint8Array, n: number): Uint8Array =>
  n === bytes.length ? bytes : bytes.subarray(0, n)

export function copy_to_user(to: user_ptr, from: Uint8Array, n: number): number {
  if (n === 0) return 0
  if (n > from.length) usercopy_abort(from, n, 'exposure', 'from')
  if (to instanceof window_ptr) return n - to.memory.put(to.offset, from, n)
  return mayCopy(to, n) ? n - to.memory.write(to.value, first(from, n)) : n
}

/** Up to `n` bytes of the program's into `to`; how many there were. */
export function fetch(to: Uint8Array, from: user_ptr, n: number): number {
  if (from instanceof window_ptr) return from.memory.take(from.offset, to, n)
  return mayCopy(from, n) ? from.memory.read(from.value, first(to, n)) : 0
}

/** What could not be copied is zeroed in `to`, as on Linux. */
export function copy_from_user(to: Uint8Array, from: user_ptr, n: number): number {
  if (n === 0) return 0
  if (n > to.length) usercopy_abort(to, n, 'overwrite', 'to')
  const copied = fetch(to, from, n)
  if (copied < n) to.fill(0, copied, n)
  return n - copied
}

/**
 * The driver's array is shorter than it says: reported as with CONFIG_HARDENED_USERCOPY. Where the
 * array came from is not known, so it is taken for kmalloc()'s.
 */
function usercopy_abort(
  bytes: Uint8Array,
  n: number,
  what: string,
  where: string,
): never {
  bytes.subarray() // throws if it has been freed: that is the bug then
  const size = KMALLOC_SIZES.find(one => bytes.length <= one)
  const detail = size ? `SLUB object '${kmalloc_name(size)}'` : 'page alloc'
  throw new Bug(
    'mm/usercopy.c:102',
    `usercopy: Kernel memory ${what} attempt detected ${where} ${detail} (offset 0, size ${n})!`,
  )
}

const ZEROS = 65536

export function clear_user(to: user_ptr, n: number): number {
  if (to instanceof window_ptr) return n - to.memory.clear(to.offset, n)
  if (!access_ok(to, n)) return n
  const zeros = new Uint8Array(Math.min(n, ZEROS))
  for (let done = 0; done < n;) {
    const want = Math.min(n - done, ZEROS)
    const moved = to.memory.write(to.value + BigInt(done), first(zeros, want))
    done += moved
    if (moved < want) return n - done
  }
  return 0
}

/** What drivers may use of this file; the names without underscores are macros of the header. */
export const EXPORT_SYMBOL = {
  _copy_to_user: copy_to_user,
  _copy_from_user: copy_from_user,
  clear_user,
  access_ok,
}
