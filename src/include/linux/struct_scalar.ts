// How single values of C lie in memory: integers, booleans, bit-fields, and text in char arrays.

import { c_is_signed, c_sizeof } from '../uapi/c_types.ts'
import { cstring, text } from './string.ts'

/** A type of C: how large it is, and how its values are read and written. Sizes are in bytes. */
export interface ctype<V = unknown> {
  readonly size: number
  readonly align: number
  /** Bytes of one element, if it is an array that ends where the memory does. */
  readonly flexible?: number
  /** The value at byte `at` of `memory`, or a view of it. */
  get(memory: DataView, at: number): V
  set(memory: DataView, at: number, value: V): void
  /** What lies inside, by name or index: its place, and its type. */
  inside?(name: string): { offset: number; type: ctype } | undefined
}

export type c_number = number | bigint | boolean

/** 64 bits as a number if it is exact as one, else as a bigint. */
function exactly(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function load(
  memory: DataView,
  at: number,
  size: number,
  signed: boolean,
): number | bigint {
  if (size === 1) return signed ? memory.getInt8(at) : memory.getUint8(at)
  if (size === 2) return signed ? memory.getInt16(at, true) : memory.getUint16(at, true)
  if (size === 4) return signed ? memory.getInt32(at, true) : memory.getUint32(at, true)
  return exactly(signed ? memory.getBigInt64(at, true) : memory.getBigUint64(at, true))
}

/** All 64 bits of a value, as C converts it. */
function bitsOf(value: c_number): bigint {
  const whole = typeof value === 'number' ? Math.trunc(value) : value
  return BigInt.asUintN(64, BigInt(whole))
}

function store(memory: DataView, at: number, size: number, value: c_number): void {
  if (size === 8) return memory.setBigUint64(at, bitsOf(value), true)
  const low =
    typeof value === 'bigint' ? Number(BigInt.asUintN(32, value)) : Number(value)
  if (size === 1) memory.setUint8(at, low)
  else if (size === 2) memory.setUint16(at, low, true)
  else memory.setUint32(at, low, true)
}

export const isBool = (type: string): boolean => type === 'bool' || type === '_Bool'

/** An integer, a pointer or a bool; with `wide` always as a bigint. Throws if C has no such type. */
export function scalar(type: string, wide = false): ctype<c_number> {
  const size = c_sizeof(type)
  if (isBool(type)) {
    return {
      size,
      align: size,
      get: (memory, at) => memory.getUint8(at) !== 0,
      set: (memory, at, value) => memory.setUint8(at, value ? 1 : 0),
    }
  }
  const signed = c_is_signed(type)
  return {
    size,
    align: size,
    get(memory, at) {
      const value = load(memory, at, size, signed)
      return wide ? BigInt(value) : value
    },
    set: (memory, at, value) => store(memory, at, size, value),
  }
}

/** `width` bits of an integer type, `bit` bits behind the byte that it is asked for. */
export function bitfield(
  type: string,
  bit: number,
  width: number,
  wide = false,
): ctype<c_number> {
  const signed = c_is_signed(type)
  const first = bit >> 3
  const bytes = ((bit + width + 7) >> 3) - first
  const shift = BigInt(bit & 7)
  const mask = (1n << BigInt(width)) - 1n
  const all = (memory: DataView, at: number): bigint => {
    let value = 0n
    for (let i = bytes - 1; i >= 0; i--) {
      value = (value << 8n) | BigInt(memory.getUint8(at + first + i))
    }
    return value
  }
  return {
    size: c_sizeof(type),
    align: c_sizeof(type),
    get(memory, at) {
      const raw = (all(memory, at) >> shift) & mask
      if (isBool(type)) return raw !== 0n
      const value = signed ? BigInt.asIntN(width, raw) : raw
      return wide ? value : exactly(value)
    },
    set(memory, at, value) {
      const raw = bitsOf(isBool(type) ? Boolean(value) : value) & mask
      let rest = (all(memory, at) & ~(mask << shift)) | (raw << shift)
      for (let i = 0; i < bytes; i++, rest >>= 8n) {
        memory.setUint8(at + first + i, Number(rest & 0xffn))
      }
    },
  }
}

/** The bytes of `memory` from `at` on, `length` of them. */
export function bytesAt(memory: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(memory.buffer, memory.byteOffset + at, length)
}

/**
 * `char name[length]` as text: up to its NUL, or all of it. Text that is set is cut where it does not
 * fit, and then has no NUL; the rest is zeros: strncpy().
 */
export function chars(length: number): ctype<string> {
  return {
    size: length,
    align: 1,
    get: (memory, at) => text(bytesAt(memory, at, length)),
    set(memory, at, value) {
      const bytes = bytesAt(memory, at, length)
      bytes.fill(0)
      bytes.set(cstring(value).subarray(0, -1).subarray(0, length))
    },
  }
}
