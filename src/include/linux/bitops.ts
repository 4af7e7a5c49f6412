// Single bits of a bitmap or of a variable. Linux: include/linux/bitops.h, asm-generic/bitops.
//
// `unsigned long flags` is `const flags = ref(0)`, with bits up to 52, those that a number has exactly;
// `DECLARE_BITMAP(map, 128)` is `const map = DECLARE_BITMAP(128)`. Bits are numbered from 0. Between two
// awaits nothing else runs, so the functions with and without `__` are the same.
import type { ref } from './types.ts'

/** Where bits are. */
export type bits = ref<number> | Uint32Array

export const BITS_PER_BYTE = 8
export const BITS_PER_LONG = 64

/** A number with bit `nr` set; `nr` up to 52. */
export const BIT = (nr: number): number => 2 ** nr
/** A number with the bits from `low` to `high` set, both included; up to 52. */
export const GENMASK = (high: number, low: number): number => 2 ** (high + 1) - 2 ** low

/** Is bit `nr` set? */
export function test_bit(nr: number, addr: bits): boolean {
  if (isArray(addr)) return ((wordAt(addr, nr) >>> (nr & 31)) & 1) === 1
  return Math.floor(addr.value / weight(nr)) % 2 === 1
}
/** Set bit `nr` or clear it: what it was. */
function assign_bit(nr: number, addr: bits, value: boolean): boolean {
  const old = test_bit(nr, addr)
  if (old === value) return old
  if (isArray(addr)) addr[nr >>> 5] = wordAt(addr, nr) ^ (1 << (nr & 31))
  else addr.value += value ? weight(nr) : -weight(nr)
  return old
}

export const set_bit = (nr: number, addr: bits): void => void assign_bit(nr, addr, true)
export const clear_bit = (nr: number, addr: bits): void =>
  void assign_bit(nr, addr, false)
export const change_bit = (nr: number, addr: bits): void =>
  void test_and_change_bit(nr, addr)
/** Set bit `nr`: was it set? */
export const test_and_set_bit = (nr: number, addr: bits): boolean =>
  assign_bit(nr, addr, true)
/** Clear bit `nr`: was it set? */
export const test_and_clear_bit = (nr: number, addr: bits): boolean =>
  assign_bit(nr, addr, false)
/** Turn bit `nr` over: was it set? */
export const test_and_change_bit = (nr: number, addr: bits): boolean =>
  assign_bit(nr, addr, !test_bit(nr, addr))

export {
  set_bit as __set_bit,
  clear_bit as __clear_bit,
  change_bit as __change_bit,
  test_and_set_bit as __test_and_set_bit,
  test_and_clear_bit as __test_and_clear_bit,
  test_and_change_bit as __test_and_change_bit,
  test_and_set_bit as test_and_set_bit_lock,
  clear_bit as clear_bit_unlock,
}

/** The first bit that is set of the first `size`; `size` if none is. */
export const find_first_bit = (addr: bits, size: number): number =>
  findNext(addr, size, 0, true)
/** The first bit that is clear of the first `size`; `size` if none is. */
export const find_first_zero_bit = (addr: bits, size: number): number =>
  findNext(addr, size, 0, false)
/** As find_first_bit(), from bit `offset` on. */
export const find_next_bit = (addr: bits, size: number, offset: number): number =>
  findNext(addr, size, offset, true)
/** As find_first_zero_bit(), from bit `offset` on. */
export const find_next_zero_bit = (addr: bits, size: number, offset: number): number =>
  findNext(addr, size, offset, false)
/** The last bit that is set of the first `size`; `size` if none is. */
export function find_last_bit(addr: bits, size: number): number {
  for (let nr = size - 1; nr >= 0; nr--) if (test_bit(nr, addr)) return nr
  return size
}

/** The bits that are set: `for (const bit of for_each_set_bit(map, 128))`. */
export function* for_each_set_bit(addr: bits, size: number): Generator<number, void> {
  for (let nr = 0; (nr = findNext(addr, size, nr, true)) < size; nr++) yield nr
}
/** The bits that are clear. */
export function* for_each_clear_bit(addr: bits, size: number): Generator<number, void> {
  for (let nr = 0; (nr = findNext(addr, size, nr, false)) < size; nr++) yield nr
}

/** The number of the lowest bit that is set, from 1 on; 0 for 0. Of 32 bits. */
export const ffs = (x: number): number => (x ? 32 - Math.clz32(x & -x) : 0)
/** The number of the highest bit that is set, from 1 on; 0 for 0. Of 32 bits. */
export const fls = (x: number): number => 32 - Math.clz32(x)
/** How many of the 32 bits are set? */
export function hweight32(w: number): number {
  let n = 0
  for (let left = w >>> 0; left; left &= left - 1) n++
  return n
}
export const hweight16 = (w: number): number => hweight32(w & 0xffff)
export const hweight8 = (w: number): number => hweight32(w & 0xff)

function findNext(addr: bits, size: number, from: number, value: boolean): number {
  for (let nr = from; nr < size; nr++) if (test_bit(nr, addr) === value) return nr
  return size
}

function isArray(addr: bits): addr is Uint32Array {
  return !('value' in addr)
}

function wordAt(addr: Uint32Array, nr: number): number {
  const word = addr[nr >>> 5]
  if (word === undefined) throw new RangeError(`Bit ${nr} is not in the bitmap`)
  return word
}

function weight(nr: number): number {
  if (nr < 0 || nr > 52) throw new RangeError(`Bit ${nr} is not in the variable`)
  return 2 ** nr
}
