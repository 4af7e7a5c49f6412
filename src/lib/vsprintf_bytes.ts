// What the kernel's formats print for bytes: %ph hex, %pE escapes, %pM addresses of cards,
// %pU UUIDs, %pb bitmaps, %p4cc codes of pixel formats. Linux: lib/vsprintf.c.

import { decodeText } from './kmsg.ts'
import {
  EINVAL_TEXT,
  bytesOf,
  errorString,
  formatNumber,
  formatString,
} from './vsprintf_parts.ts'
import type { FormatSpec } from './vsprintf_parts.ts'

const HEX_STRING_MAX = 64

/**
 * The bytes behind `arg`, or what is printed since there are none. A string's characters are
 * its bytes, as in a C string.
 */
export function pointedBytes(
  spec: FormatSpec,
  arg: unknown,
): { bytes: Uint8Array } | { instead: string } {
  const bytes = typeof arg === 'string' ? Buffer.from(arg, 'latin1') : bytesOf(arg)
  return bytes ? { bytes } : { instead: badPointer(spec, arg) ?? EINVAL_TEXT }
}

/** What is printed for NULL, and for a number where something to look into is due. */
export function badPointer(spec: FormatSpec, arg: unknown): string | undefined {
  if (arg === null || arg === undefined || arg === 0) return errorString(spec, '(null)')
  if (typeof arg !== 'number' && typeof arg !== 'bigint') return undefined
  return errorString(spec, '(efault)')
}

/** %*ph: bytes in hex, as many as the width says; C, D, N behind it choose ":", "-" and nothing. */
export function hexString(spec: FormatSpec, arg: unknown, letters: string): string {
  if (spec.width === 0) return ''
  const pointed = pointedBytes(spec, arg)
  if ('instead' in pointed) return pointed.instead

  const separator = { C: ':', D: '-', N: '' }[letters.charAt(1)] ?? ' '
  const count = spec.width < 0 ? 1 : Math.min(spec.width, HEX_STRING_MAX)
  return hexBytes(pointed.bytes.subarray(0, count)).join(separator)
}

/** %pM with colons, %pm without; F: with dashes; R: last byte first. */
export function macAddress(spec: FormatSpec, arg: unknown, letters: string): string {
  const pointed = pointedBytes(spec, arg)
  if ('instead' in pointed) return pointed.instead

  const hex = hexBytes(pointed.bytes.subarray(0, 6))
  if (letters.charAt(1) === 'R') hex.reverse()
  const separator = letters.startsWith('m') ? '' : letters.charAt(1) === 'F' ? '-' : ':'
  return formatString(spec, hex.join(separator))
}

const UUID_LITTLE_ENDIAN = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

/** %pUb: the 16 bytes in order; l: the first three groups little-endian; B and L: capitals. */
export function uuid(spec: FormatSpec, arg: unknown, letters: string): string {
  const pointed = pointedBytes(spec, arg)
  if ('instead' in pointed) return pointed.instead

  const kind = letters.charAt(1)
  const hex = hexBytes(pointed.bytes)
  const order = kind === 'l' || kind === 'L' ? UUID_LITTLE_ENDIAN : [...hex.keys()]
  const text = order
    .map(at => hex[at] ?? '00')
    .join('')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
  return formatString(spec, kind === 'B' || kind === 'L' ? text.toUpperCase() : text)
}

const CHUNK_BITS = 32

/** %*pb: a bitmap of as many bits as the width says, in hex; %*pbl: as a list, "0-3,7". */
export function bitmap(spec: FormatSpec, arg: unknown, letters: string): string {
  const bits = bitsOf(arg)
  if (bits === undefined) return badPointer(spec, arg) ?? EINVAL_TEXT
  const count = Math.max(spec.width, 0)
  return letters.charAt(1) === 'l' ? bitList(bits, count) : bitChunks(bits, count)
}

/** One big number: from a number, or from an array of any kind of numbers. */
function bitsOf(arg: unknown): bigint | undefined {
  if (typeof arg === 'bigint') return arg
  if (typeof arg === 'number' && arg > 0) return BigInt(arg)
  const bytes = bytesOf(arg)
  if (!bytes) return undefined
  return BigInt(`0x0${hexBytes(bytes).toReversed().join('')}`)
}

function bitChunks(bits: bigint, count: number): string {
  const chunks: string[] = []
  for (let at = 0; at < count; at += CHUNK_BITS) {
    const size = Math.min(CHUNK_BITS, count - at)
    const chunk = BigInt.asUintN(size, bits >> BigInt(at))
    chunks.unshift(chunk.toString(16).padStart(Math.ceil(size / 4), '0'))
  }
  return chunks.join(',')
}

function bitList(bits: bigint, count: number): string {
  const digits = BigInt.asUintN(count, bits).toString(2)
  const lowestFirst = Array.from(digits).toReversed().join('')
  return Array.from(lowestFirst.matchAll(/1+/g), ({ 0: run, index }) =>
    run.length === 1 ? `${index}` : `${index}-${index + run.length - 1}`,
  ).join(',')
}

/** Four letters and what the code's number is: `%p4cc`. */
export function fourcc(spec: FormatSpec, arg: unknown, letters: string): string {
  if (letters !== '4cc') return errorString(spec, '(%p4?)')
  const pointed = pointedBytes(spec, arg)
  if ('instead' in pointed) return pointed.instead

  const code = Buffer.from(pointed.bytes).readUInt32LE(0)
  const printable = (byte: number) => (byte >= 0x20 && byte < 0x7f ? byte : 0x2e)
  const bytes = [code, code >>> 8, code >>> 16, (code >>> 24) & 0x7f]
  const name = String.fromCharCode(...bytes.map(byte => printable(byte & 0xff)))
  const order = code >>> 31 ? 'big' : 'little'
  const number = code.toString(16).padStart(8, '0')
  return formatString(spec, `${name} ${order}-endian (0x${number})`)
}

/** What %pE does to a byte, by the letter that asks for it. */
const ESCAPES: Record<string, Record<string, string>> = {
  s: { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\f': '\\f' },
  c: { '\\': '\\\\', '\x07': '\\a', '\x1b': '\\e', '"': '\\"' },
  n: { '\0': '\\0' },
}

/** %*pE: a buffer as an escaped string; the letters behind it say what is escaped. */
export function escaped(spec: FormatSpec, arg: unknown, letters: string): string {
  if (spec.width === 0) return ''
  const pointed = pointedBytes(spec, arg)
  if ('instead' in pointed) return pointed.instead

  const wanted = /^[achnops]*/.exec(letters.slice(1))?.[0] || 'ap'
  const flags = wanted.replace('a', 'scno')
  const bytes = pointed.bytes.subarray(0, spec.width < 0 ? 1 : spec.width)
  const text = Array.from(bytes, byte => escapeByte(byte, flags)).join('')
  return decodeText(Buffer.from(text, 'latin1'))
}

/** One byte as text: `flags` are the letters of %pE, without "a". */
export function escapeByte(byte: number, flags: string): string {
  const char = String.fromCharCode(byte)
  if (flags.includes('p') && isPrint(byte)) return char
  for (const letter of ['s', 'c', 'n']) {
    const escape = flags.includes(letter) ? ESCAPES[letter]?.[char] : undefined
    if (escape !== undefined) return escape
  }
  if (flags.includes('o')) return `\\${byte.toString(8).padStart(3, '0')}`
  return flags.includes('h') ? `\\x${byte.toString(16).padStart(2, '0')}` : char
}

/** The kernel's idea of it, which is Latin-1's. */
function isPrint(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte >= 0xa0
}

/** A number as wide as `size` bytes: "0x" and all its digits. */
export function specialHexNumber(spec: FormatSpec, value: bigint, size: number): string {
  const shape = { special: true, zeropad: true, left: false, width: 2 + 2 * size }
  const wrapped = BigInt.asUintN(8 * size, value)
  return formatNumber(
    { ...spec, ...shape, precision: -1, conversion: 'x' },
    wrapped,
    false,
  )
}

export function hexBytes(bytes: Uint8Array): string[] {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0'))
}
