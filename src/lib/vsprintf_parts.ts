// The parts of a formatted number or string: sign, prefix, digits, padding.
// Linux: lib/vsprintf.c, number() and string().

import { decodeText } from './kmsg.ts'

/** One conversion, such as "%-08.3lx", with its stars already replaced by arguments. */
export interface FormatSpec {
  left: boolean
  plus: boolean
  space: boolean
  special: boolean
  zeropad: boolean
  /** -1: not given. */
  width: number
  /** -1: not given. */
  precision: number
  /** '', 'hh', 'h', 'l', 'll' … */
  length: string
  /** The conversion's letter; for %p with all the letters and digits behind it. */
  conversion: string
}

/** What is printed for an argument that is not what its conversion asks for. */
export const EINVAL_TEXT = '(einval)'

/** Digits of a pointer, and the most that is shown of a remark in brackets. */
export const POINTER_DIGITS = 16

/** What is printed for an argument, since it cannot be: a remark in brackets. */
export function errorString(spec: FormatSpec, remark: string): string {
  const precision = spec.precision < 0 ? POINTER_DIGITS : spec.precision
  return formatString({ ...spec, precision }, remark)
}

/** %s: at most `precision` characters, then padded to the width. */
export function formatString(spec: FormatSpec, arg: unknown): string {
  const text = toText(arg)
  return pad(spec, spec.precision < 0 ? text : text.slice(0, spec.precision))
}

function toText(arg: unknown): string {
  if (arg === null || arg === undefined) return '(null)'
  if (typeof arg === 'string') return arg
  const bytes = bytesOf(arg)
  if (bytes) return cString(bytes)
  if (isError(arg)) return `${arg.name}: ${arg.message}`
  const value = toInteger(arg)
  return value === undefined ? EINVAL_TEXT : String(typeof arg === 'number' ? arg : value)
}

/** The bytes before the first NUL: what C takes an array of char for. */
function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decodeText(end < 0 ? bytes : bytes.subarray(0, end))
}

// A driver has a realm of its own, where Uint8Array and Error are not ours: `instanceof` fails.

/** The bytes of an array of numbers of any kind, in memory order; undefined for what is none. */
export function bytesOf(arg: unknown): Uint8Array | undefined {
  if (!ArrayBuffer.isView(arg)) return undefined
  return new Uint8Array(arg.buffer, arg.byteOffset, arg.byteLength)
}

function isError(arg: unknown): arg is Error {
  return typeof arg === 'object' && arg !== null && 'stack' in arg && 'message' in arg
}

/** Digits with sign, prefix and padding. Also what the pointer formats print addresses with. */
export function formatNumber(
  spec: FormatSpec,
  value: bigint | number,
  signed: boolean,
): string {
  const sign = signed ? signOf(spec, value) : ''
  const prefix = prefixOf(spec, value)
  const digits = digitsOf(spec.conversion, value < 0 ? -value : value)
  const body = digits.padStart(spec.precision, '0')

  const room = spec.width - sign.length - prefix.length
  if (spec.left) return sign + prefix + body.padEnd(room)
  if (spec.zeropad) return sign + prefix + body.padStart(room, '0')
  return (sign + prefix + body).padStart(spec.width)
}

function signOf(spec: FormatSpec, value: bigint | number): string {
  if (value < 0) return '-'
  if (spec.plus) return '+'
  return spec.space ? ' ' : ''
}

/** `#`: "0x" even before a zero, unlike C; a single "0" in octal unless the value is zero. */
function prefixOf(spec: FormatSpec, value: bigint | number): string {
  if (!spec.special) return ''
  if (spec.conversion === 'x' || spec.conversion === 'X') return `0${spec.conversion}`
  return spec.conversion === 'o' && value !== 0 && value !== 0n ? '0' : ''
}

function digitsOf(conversion: string, value: bigint | number): string {
  if (conversion === 'x') return value.toString(16)
  if (conversion === 'X') return value.toString(16).toUpperCase()
  return value.toString(conversion === 'o' ? 8 : 10)
}

/** Fit `text` into the width with blanks; never cuts. */
export function pad(spec: FormatSpec, text: string): string {
  return spec.left ? text.padEnd(spec.width) : text.padStart(spec.width)
}

/**
 * `value` as C would convert it to a wide integer: fractions are cut off, NaN and infinities
 * are 0, a string of one character is that character. Undefined for what is no number.
 */
export function toInteger(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number')
    return BigInt(Number.isFinite(value) ? Math.trunc(value) : 0)
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'string' && value.length === 1) return BigInt(value.charCodeAt(0))
  return undefined
}
