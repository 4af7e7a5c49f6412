// Text to number, and no mercy: kstrtoint() and its relatives. Linux: lib/kstrtox.c.
//
// All of the text must be the number, but for one newline at its end, which `echo` leaves. There
// are no blanks. Base 0 is C's: 0x for hexadecimal, 0 for octal. A minus sign is only for the
// signed ones; the others call it no number, -EINVAL, and not out of range.

import { EFAULT, EINVAL, ERANGE } from '../include/uapi/errno.ts'
import type { errno_t, ref } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { decodeText } from './kmsg.ts'
import { copy_from_user } from './usercopy.ts'

/** A C string that may be NULL; NULL is a bug of the caller, here as there. */
type c_string = string | null
/** Where a number goes: it gets a bigint if it holds one. */
type number_ref = ref<number> | ref<bigint> | ref<number | bigint>
type Parser = (s: c_string, base: number, res: number_ref) => errno_t

const U64_MAX = 2n ** 64n - 1n
const S64_MAX = 2n ** 63n - 1n
/** Sign, 64 binary digits, newline: what the longest number of `bits` bits takes. */
const longest = (bits: number): number => bits + 2

/** The digits of `s` from `at` on, up to its end or a newline there. */
function parseDigits(s: string, at: number, base: number): bigint | errno_t {
  const { radix, start } = fixupRadix(s, at, base)
  let value = 0n
  let end = start
  for (; digitValue(s, end) < radix; end++) {
    value = value * BigInt(radix) + BigInt(digitValue(s, end))
  }
  if (value > U64_MAX) return -ERANGE
  if (end === start) return -EINVAL
  if (s[end] === '\n') end++
  return end === s.length ? value : -EINVAL
}

/** Base 0 looks at the first digits; 0x may stand before hexadecimal ones in any case. */
function fixupRadix(
  s: string,
  at: number,
  base: number,
): { radix: number; start: number } {
  const isHex = /^0x[\da-f]/i.test(s.slice(at, at + 3))
  const guessed = isHex ? 16 : s[at] === '0' ? 8 : 10
  const radix = base === 0 ? guessed : base
  const prefixed = radix === 16 && /^0x/i.test(s.slice(at, at + 2))
  return { radix, start: prefixed ? at + 2 : at }
}

/** What one digit is worth; too much for any base if it is none. */
function digitValue(s: string, at: number): number {
  const code = s.charCodeAt(at)
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = (code | 0x20) - 0x61
  return letter >= 0 && letter < 6 && code < 0x80 ? letter + 10 : Infinity
}

function parseUnsigned(s: string, base: number): bigint | errno_t {
  return parseDigits(s, s[0] === '+' ? 1 : 0, base)
}

function parseSigned(s: string, base: number): bigint | errno_t {
  if (s[0] !== '-') {
    const value = parseUnsigned(s, base)
    return typeof value === 'bigint' && value > S64_MAX ? -ERANGE : value
  }
  const value = parseDigits(s, 1, base)
  if (typeof value === 'number') return value
  return value > S64_MAX + 1n ? -ERANGE : -value
}

/** A number stays one if the variable holds one and the value is exact as one. */
function store(res: number_ref, value: bigint): errno_t {
  const target = res as ref<number | bigint>
  const plain = typeof target.value === 'number' && Number.isSafeInteger(Number(value))
  target.value = plain ? Number(value) : value
  return 0
}

function unsigned(bits: number): Parser {
  const max = 2n ** BigInt(bits) - 1n
  return (s, base, res) => {
    const value = parseUnsigned(asText(s), base)
    if (typeof value === 'number') return value
    return value > max ? -ERANGE : store(res, value)
  }
}

function signed(bits: number): Parser {
  const limit = 2n ** BigInt(bits - 1)
  return (s, base, res) => {
    const value = parseSigned(asText(s), base)
    if (typeof value === 'number') return value
    return value < -limit || value >= limit ? -ERANGE : store(res, value)
  }
}

/** A C string ends at its NUL. NULL has no first character: an oops. */
function asText(s: c_string): string {
  const text = s as string
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

export const kstrtou8 = unsigned(8)
export const kstrtos8 = signed(8)
export const kstrtou16 = unsigned(16)
export const kstrtos16 = signed(16)
export const kstrtouint = unsigned(32)
export const kstrtoint = signed(32)
export const kstrtoul = unsigned(64)
export const kstrtol = signed(64)
export const kstrtoull = unsigned(64)
export const kstrtoll = signed(64)

/** Only the first letters count: y t 1 on, n f 0 of. */
export function kstrtobool(s: c_string, res: ref<boolean>): errno_t {
  if (s === null) return -EINVAL
  if (/^(?:[yYtT1]|[oO][nN])/.test(s)) res.value = true
  else if (/^(?:[nNfF0]|[oO][fF])/.test(s)) res.value = false
  else return -EINVAL
  return 0
}

/** What a program wrote, up to `room` bytes of it. */
function fetch(s: user_ptr, count: number, room: number): string | errno_t {
  const bytes = new Uint8Array(Math.min(count, room))
  if (copy_from_user(bytes, s, bytes.length)) return -EFAULT
  return decodeText(bytes)
}

type UserParser = (s: user_ptr, count: number, base: number, res: number_ref) => errno_t

function from_user(parse: Parser, bits: number): UserParser {
  return (s, count, base, res) => {
    const text = fetch(s, count, longest(bits))
    return typeof text === 'number' ? text : parse(text, base, res)
  }
}

export function kstrtobool_from_user(
  s: user_ptr,
  count: number,
  res: ref<boolean>,
): errno_t {
  const text = fetch(s, count, 3)
  return typeof text === 'number' ? text : kstrtobool(text, res)
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  kstrtou8,
  kstrtos8,
  kstrtou16,
  kstrtos16,
  kstrtouint,
  kstrtoint,
  kstrtoul,
  kstrtol,
  kstrtoull,
  kstrtoll,
  kstrtobool,
  kstrtou8_from_user: from_user(kstrtou8, 8),
  kstrtos8_from_user: from_user(kstrtos8, 8),
  kstrtou16_from_user: from_user(kstrtou16, 16),
  kstrtos16_from_user: from_user(kstrtos16, 16),
  kstrtouint_from_user: from_user(kstrtouint, 32),
  kstrtoint_from_user: from_user(kstrtoint, 32),
  kstrtoul_from_user: from_user(kstrtoul, 64),
  kstrtol_from_user: from_user(kstrtol, 64),
  kstrtoull_from_user: from_user(kstrtoull, 64),
  kstrtoll_from_user: from_user(kstrtoll, 64),
  kstrtobool_from_user,
}
