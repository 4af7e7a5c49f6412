// Text in the page that a parameter is shown in.

import { decodeText, encodeText } from '../../lib/kmsg.ts'

/** What a file in /sys can show at once, in bytes. */
export const PAGE_SIZE = 4096

/** Write `text` into `buf` with a NUL behind it, cut to fit; its length without the NUL. */
export function writeText(buf: Uint8Array, text: string): number {
  const bytes = encodeText(text)
  const n = Math.min(bytes.length, buf.length - 1)
  buf.set(bytes.subarray(0, n))
  buf[n] = 0
  return n
}

/** The first `n` bytes of `buf`. */
export function readText(buf: Uint8Array, n: number): string {
  return decodeText(buf.subarray(0, Math.min(n, buf.length)))
}

/** Of a text in bytes, as C counts. */
export function byteLength(text: string): number {
  return encodeText(text).length
}
