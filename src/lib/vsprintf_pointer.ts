// What the kernel's formats print for %p and the letters behind it: %px %pe %ph %pM %pI4 %pU.
// Linux: lib/vsprintf.c, pointer(); Documentation/core-api/printk-formats.rst.
//
// JavaScript has no addresses. What has one here is a number, a bigint, or a user_ptr;
// any other object has only an identity, which the caller may number.

import * as errno from '../include/uapi/errno.ts'
import { EINVAL_TEXT, formatNumber, formatString, pad } from './vsprintf_parts.ts'
import type { FormatSpec } from './vsprintf_parts.ts'

/** Gives an object or address the 32-bit number that %p shows instead of an address. */
export type PointerIds = (pointer: unknown) => number

type Extension = (
  spec: FormatSpec,
  arg: unknown,
  letters: string,
  ids: PointerIds | undefined,
) => string

/** By the letter behind the p. A letter that is not here prints as plain %p, as on Linux. */
const EXTENSIONS: Record<string, Extension> = {
  e: errorName,
  h: hexString,
  I: (spec, arg, letters, ids) => ipAddress(spec, arg, letters, ids, false),
  i: (spec, arg, letters, ids) => ipAddress(spec, arg, letters, ids, true),
  M: macAddress,
  m: macAddress,
  U: uuid,
  x: (spec, arg) => rawAddress(spec, arg),
}

const MAX_ERRNO = 4095n
const POINTER_DIGITS = 16
const HEX_STRING_MAX = 64
const NO_ID = '(____ptrval____)'

export function formatPointer(
  spec: FormatSpec,
  arg: unknown,
  ids: PointerIds | undefined,
): string {
  const letters = spec.conversion.slice(1)
  const extension = EXTENSIONS[letters.charAt(0)]
  return extension ? extension(spec, arg, letters, ids) : plainPointer(spec, arg, ids)
}

/** %p: an identifier instead of the address. NULL and error pointers are no secret. */
function plainPointer(
  spec: FormatSpec,
  arg: unknown,
  ids: PointerIds | undefined,
): string {
  const address = addressOf(arg)
  if (address !== undefined && (address === 0n || isError(address))) {
    return hexAddress(spec, address)
  }
  return ids ? hexAddress(spec, BigInt(ids(arg) >>> 0)) : pad(spec, NO_ID)
}

/** %px */
function rawAddress(spec: FormatSpec, arg: unknown): string {
  const address = addressOf(arg)
  return address === undefined ? pad(spec, NO_ID) : hexAddress(spec, address)
}

function hexAddress(spec: FormatSpec, address: bigint): string {
  const prefix = spec.special ? 2 : 0
  const sized =
    spec.width < 0 ? { width: POINTER_DIGITS + prefix, zeropad: true } : undefined
  const value = BigInt.asUintN(64, address)
  return formatNumber({ ...spec, ...sized, conversion: 'x' }, value, false)
}

/** %pe: the name of an error: "-EINVAL" for -22. */
function errorName(
  spec: FormatSpec,
  arg: unknown,
  _letters: string,
  ids: PointerIds | undefined,
): string {
  const address = addressOf(arg)
  if (address === undefined || !isError(address)) return plainPointer(spec, arg, ids)

  const number = Number(-BigInt.asIntN(64, address))
  const name = Object.entries(errno).find(([, value]) => value === number)?.[0]
  return name ? formatString(spec, `-${name}`) : plainPointer(spec, arg, ids)
}

/** %*ph: bytes in hex, as many as the width says; C, D, N behind it choose ":", "-" and nothing. */
function hexString(spec: FormatSpec, arg: unknown, letters: string): string {
  const bytes = bytesOf(arg)
  if (!bytes) return invalid(arg)

  const separator = { C: ':', D: '-', N: '' }[letters.charAt(1)] ?? ' '
  const count = spec.width < 0 ? 1 : Math.min(spec.width, HEX_STRING_MAX)
  return hexBytes(bytes.subarray(0, count)).join(separator)
}

/** %pM with colons, %pm without; F: with dashes; R: last byte first. */
function macAddress(spec: FormatSpec, arg: unknown, letters: string): string {
  const bytes = bytesOf(arg)
  if (!bytes) return invalid(arg)

  const hex = hexBytes(bytes.subarray(0, 6))
  if (letters.charAt(1) === 'R') hex.reverse()
  const separator = letters.startsWith('m') ? '' : letters.charAt(1) === 'F' ? '-' : ':'
  return formatString(spec, hex.join(separator))
}

/** %pI4 and, with leading zeros, %pi4; h and l behind it: the bytes are little-endian. */
function ipAddress(
  spec: FormatSpec,
  arg: unknown,
  letters: string,
  ids: PointerIds | undefined,
  leadingZeros: boolean,
): string {
  if (letters.charAt(1) !== '4') return plainPointer(spec, arg, ids)
  const bytes = bytesOf(arg)
  if (!bytes) return invalid(arg)

  const parts = Array.from(bytes.subarray(0, 4), String)
  if (letters.charAt(2) === 'h' || letters.charAt(2) === 'l') parts.reverse()
  const text = leadingZeros ? parts.map(part => part.padStart(3, '0')) : parts
  return formatString(spec, text.join('.'))
}

const UUID_LITTLE_ENDIAN = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

/** %pUb: the 16 bytes in order; l: the first three groups little-endian; B and L: capitals. */
function uuid(spec: FormatSpec, arg: unknown, letters: string): string {
  const bytes = bytesOf(arg)
  if (!bytes) return invalid(arg)

  const kind = letters.charAt(1)
  const hex = hexBytes(bytes)
  const order = kind === 'l' || kind === 'L' ? UUID_LITTLE_ENDIAN : [...hex.keys()]
  const text = order
    .map(at => hex[at] ?? '00')
    .join('')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
  return formatString(spec, kind === 'B' || kind === 'L' ? text.toUpperCase() : text)
}

/** The address `arg` is or holds; undefined for objects, which have none. */
function addressOf(arg: unknown): bigint | undefined {
  if (arg === null || arg === undefined) return 0n
  if (typeof arg === 'bigint') return BigInt.asUintN(64, arg)
  if (typeof arg === 'number' && Number.isInteger(arg)) {
    return BigInt.asUintN(64, BigInt(arg))
  }
  if (typeof arg === 'object' && 'memory' in arg && 'value' in arg) {
    return addressOf(arg.value)
  }
  return undefined
}

function isError(address: bigint): boolean {
  return address >= (1n << 64n) - MAX_ERRNO
}

/** The bytes behind `arg`; a string's characters are its bytes, as in a C string. */
function bytesOf(arg: unknown): Uint8Array | undefined {
  if (arg instanceof Uint8Array) return arg
  return typeof arg === 'string' ? Buffer.from(arg, 'latin1') : undefined
}

function hexBytes(bytes: Uint8Array): string[] {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0'))
}

function invalid(arg: unknown): string {
  return arg === null || arg === undefined ? '(null)' : EINVAL_TEXT
}
