// What show() writes: text, numbers, escapes, columns. Linux: fs/seq_file.c.
//
// A write that does not fit writes nothing and marks the buffer as full (`count` is `size`); the
// reader then throws the record away and has it shown again, with twice the room.

import type { seq_file } from '../include/linux/seq_file.ts'
import {
  ESCAPE_APPEND,
  ESCAPE_HEX,
  ESCAPE_NA,
  ESCAPE_NAP,
  ESCAPE_NP,
  ESCAPE_NULL,
  ESCAPE_OCTAL,
  ESCAPE_SPACE,
  ESCAPE_SPECIAL,
} from '../include/linux/string_helpers.ts'
import { encodeText } from '../lib/kmsg.ts'
import { escapeByte } from '../lib/vsprintf_bytes.ts'

/** Nothing more fits. */
export function seq_set_overflow(m: seq_file): void {
  m.count = m.size
}

export function seq_write(m: seq_file, data: string | Uint8Array, len?: number): number {
  const all = typeof data === 'string' ? encodeText(data) : data
  const bytes = len === undefined || len >= all.length ? all : all.subarray(0, len)
  if (m.buf && m.count + bytes.length < m.size) {
    m.buf.set(bytes, m.count)
    m.count += bytes.length
    return 0
  }
  seq_set_overflow(m)
  return -1
}

export function seq_puts(m: seq_file, s: string): void {
  seq_write(m, s)
}

export function seq_putc(m: seq_file, c: string | number): void {
  if (m.count >= m.size || !m.buf) return
  m.buf[m.count++] = typeof c === 'number' ? c : c.charCodeAt(0)
}

export function seq_pad(m: seq_file, c: string | number): void {
  const missing = m.pad_until - m.count
  if (missing > 0) {
    if (m.pad_until > m.size) return seq_set_overflow(m)
    m.buf?.fill(0x20, m.count, m.pad_until)
    m.count = m.pad_until
  }
  if (c) seq_putc(m, c)
}

export function seq_put_decimal_ull(
  m: seq_file,
  delimiter: string,
  num: number | bigint,
): void {
  seq_write(m, delimiter + BigInt.asUintN(64, BigInt(num)).toString())
}

export function seq_put_decimal_ll(
  m: seq_file,
  delimiter: string,
  num: number | bigint,
): void {
  seq_write(m, delimiter + BigInt.asIntN(64, BigInt(num)).toString())
}

/** How escapeByte() calls what the flags ask for. */
const LETTERS: readonly (readonly [number, string])[] = [
  [ESCAPE_SPACE, 's'],
  [ESCAPE_SPECIAL, 'c'],
  [ESCAPE_NULL, 'n'],
  [ESCAPE_OCTAL, 'o'],
  [ESCAPE_HEX, 'h'],
]

export function seq_escape_mem(
  m: seq_file,
  src: string | Uint8Array,
  len: number,
  flags: number,
  esc: string | null,
): void {
  const letters = LETTERS.map(([flag, letter]) => (flags & flag ? letter : '')).join('')
  const bytes = (typeof src === 'string' ? encodeText(src) : src).subarray(0, len)
  const text = Array.from(bytes, byte =>
    isLeft(byte, flags, esc ?? '')
      ? String.fromCharCode(byte)
      : escapeByte(byte, letters),
  ).join('')
  seq_write(m, Buffer.from(text, 'latin1'))
}

/** Does this byte stay as it is? `esc` lists what is escaped, or what is escaped as well. */
function isLeft(byte: number, flags: number, esc: string): boolean {
  const listed = byte !== 0 && esc.includes(String.fromCharCode(byte))
  if (flags & ESCAPE_APPEND ? listed : esc !== '' && !listed) return !listed
  const ascii = byte < 0x80
  const print = (byte >= 0x20 && byte < 0x7f) || byte >= 0xa0
  if (flags & ESCAPE_NAP && ascii && print) return true
  return (flags & ESCAPE_NP && print) || (flags & ESCAPE_NA && ascii) ? true : false
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  seq_write,
  seq_puts,
  seq_putc,
  seq_pad,
  seq_put_decimal_ull,
  seq_put_decimal_ll,
  seq_escape_mem,
}
