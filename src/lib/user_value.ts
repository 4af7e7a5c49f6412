// Single values in the memory of a calling program. Linux: arch/x86/lib/{get,put}user.S.

import { c_is_signed, c_sizeof, type c_type } from '../include/uapi/c_types.ts'
import { EFAULT } from '../include/uapi/errno.ts'
import type { errno_t, ref } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { access_ok, fetch, window_ptr } from './usercopy.ts'

const PAGE = 4096n

/**
 * Fetch one value; 0 if it cannot be had. 64-bit types come as a number when `x` holds a number and
 * the value is exact as one, else as a bigint: `ref(0n)` always gets a bigint.
 */
export function get_user<T extends number | bigint>(
  x: ref<T>,
  ptr: user_ptr,
  type: c_type,
): errno_t {
  const size = c_sizeof(type)
  const bytes = new Uint8Array(8)
  const whole = fetch(bytes.subarray(0, size), ptr, size) === size
  // What there is of half a value is none.
  if (!whole) bytes.fill(0)

  const value = valueOf(bytes, size, c_is_signed(type))
  const exact = Number.isSafeInteger(Number(value))
  x.value = (typeof x.value === 'number' && exact ? Number(value) : value) as T
  return whole ? 0 : -EFAULT
}

function valueOf(bytes: Uint8Array, size: number, signed: boolean): bigint {
  const wide = new DataView(bytes.buffer).getBigUint64(0, true)
  return signed ? BigInt.asIntN(8 * size, wide) : wide
}

/** Store one value, cut to the size of `type` as a C assignment cuts it. */
export function put_user(value: number | bigint, ptr: user_ptr, type: c_type): errno_t {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true)
  return storeWhole(ptr, bytes.subarray(0, c_sizeof(type))) ? 0 : -EFAULT
}

/** A processor stores a value whole or not at all, also where two pages meet. */
function storeWhole(ptr: user_ptr, bytes: Uint8Array): boolean {
  const { length } = bytes
  if (ptr instanceof window_ptr)
    return ptr.memory.put(ptr.offset, bytes, length) === length
  if (!access_ok(ptr, length)) return false
  const here = Number(PAGE - (ptr.value % PAGE))
  if (length <= here) return ptr.memory.write(ptr.value, bytes) === length
  return storeAcross(ptr, bytes.subarray(0, here), bytes.subarray(here))
}

/** The second page first, put back if the first one refuses. */
function storeAcross(
  { memory, value }: user_ptr,
  head: Uint8Array,
  tail: Uint8Array,
): boolean {
  const next = value + BigInt(head.length)
  const before = new Uint8Array(tail.length)
  if (memory.read(next, before) < tail.length) return false
  if (memory.write(next, tail) < tail.length) return false
  if (memory.write(value, head) === head.length) return true
  memory.write(next, before)
  return false
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = { get_user, put_user }
