// Bytes in hex, a line at a time. Linux: lib/hexdump.c.

import { DUMP_PREFIX_ADDRESS, DUMP_PREFIX_OFFSET } from '../include/linux/printk.ts'
import { bytesOf } from './vsprintf_parts.ts'

const GROUP_SIZES = [1, 2, 4, 8]

/** What C sees at a pointer to bytes; a string's characters are its bytes. */
export function memoryOf(buf: string | ArrayBufferView): Uint8Array {
  if (typeof buf === 'string') return Buffer.from(buf, 'latin1')
  return bytesOf(buf) ?? new Uint8Array()
}

/**
 * One line: at most `rowsize` (16 or 32, else 16) of the first `len` bytes, in groups of
 * `groupsize` (1, 2, 4, 8, else 1), numbers of the host's byte order, and their characters.
 */
export function hexDumpLine(
  buf: Uint8Array,
  len: number,
  rowsize: number,
  groupsize: number,
  ascii: boolean,
): string {
  const row = rowsize === 32 ? 32 : 16
  const bytes = buf.subarray(0, Math.min(len, row))
  const wanted = GROUP_SIZES.includes(groupsize) ? groupsize : 1
  // What does not fill its last group is shown byte by byte.
  const group = bytes.length % wanted === 0 ? wanted : 1
  const hex = groups(bytes, group).join(' ')
  if (!ascii) return hex
  const asciiColumn = row * 2 + row / group + 1
  return hex.padEnd(asciiColumn) + characters(bytes)
}

/** Rows of a dump, each behind what its line begins with: an address, an offset or nothing. */
export function* hexDumpRows(
  prefix_str: string,
  prefix_type: number,
  rowsize: number,
  groupsize: number,
  buf: string | Uint8Array,
  len: number,
  ascii: boolean,
): Generator<[fmt: string, ...args: unknown[]]> {
  const bytes = memoryOf(buf)
  const row = rowsize === 32 ? 32 : 16
  for (let at = 0; at < Math.min(len, bytes.length); at += row) {
    const line = hexDumpLine(bytes.subarray(at), len - at, row, groupsize, ascii)
    // Nothing has an address: the buffer's %p stands for it.
    if (prefix_type === DUMP_PREFIX_ADDRESS) yield ['%s%p: %s\n', prefix_str, buf, line]
    else if (prefix_type === DUMP_PREFIX_OFFSET)
      yield ['%s%.8x: %s\n', prefix_str, at, line]
    else yield ['%s%s\n', prefix_str, line]
  }
}

function groups(bytes: Uint8Array, size: number): string[] {
  return Array.from({ length: bytes.length / size }, (_, i) =>
    Array.from(bytes.subarray(i * size, (i + 1) * size), byte =>
      byte.toString(16).padStart(2, '0'),
    )
      .toReversed()
      .join(''),
  )
}

function characters(bytes: Uint8Array): string {
  return Array.from(bytes, byte =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  ).join('')
}

/**
 * The same into `linebuf`, cut to `linebuflen` - 1 characters and a NUL; how long the line is,
 * which tells whether it was cut.
 */
export function hex_dump_to_buffer(
  buf: string | Uint8Array,
  len: number,
  rowsize: number,
  groupsize: number,
  linebuf: Uint8Array,
  linebuflen: number,
  ascii: boolean,
): number {
  const line = hexDumpLine(memoryOf(buf), len, rowsize, groupsize, ascii)
  if (linebuflen > 0) {
    const fits = Buffer.from(line.slice(0, linebuflen - 1), 'latin1')
    linebuf.set(fits)
    linebuf[fits.length] = 0
  }
  return line.length
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = { hex_dump_to_buffer }
