// C strings and memory, as bytes. Implemented in mm/util.ts and lib/fortify.ts. Linux:
// include/linux/string.h, fortify-string.h.
//
// TypeScript's own strings do for most things. These are for bytes that a program sees:
// what copy_to_user() sends and strncpy_from_user() fetches. What would go past the end of an array is
// a BUG, as with CONFIG_FORTIFY_SOURCE.

import type { MemoryCopies } from '../../mm/util.ts'
import type { EXPORT_SYMBOL as fortify } from '../../lib/fortify.ts'
import { E2BIG } from './errno.ts'
import { decode, encode } from './utf8.ts'
import { bytesOf, type void_ptr } from './void_ptr.ts'

/** @internal Ends the call: `name` was about to go past the end of an array. */
export declare const fortify_panic: (typeof fortify)['fortify_panic']
/** `len` bytes of `src` in memory to be freed with kfree(); null if there is none. */
export declare const kmemdup: MemoryCopies['kmemdup']
/** As kmemdup(), with a NUL behind. */
export declare const kmemdup_nul: MemoryCopies['kmemdup_nul']
/** A copy of a C string, to be freed with kfree(); a string of TypeScript's is returned as it is. */
export declare const kstrdup: MemoryCopies['kstrdup']
/** As kstrdup(), of at most `max` bytes. */
export declare const kstrndup: MemoryCopies['kstrndup']
/** As kstrdup(); to be freed with kfree_const(). */
export declare const kstrdup_const: MemoryCopies['kstrdup_const']
/** Give back what kstrdup_const() gave. */
export declare const kfree_const: MemoryCopies['kfree_const']

/** `text` as a C string: its UTF-8 bytes and a NUL. */
export function cstring(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length + 1)
  let n = 0
  for (const char of text) n += encode(char.codePointAt(0) ?? 0, bytes, n)
  return bytes.slice(0, n + 1)
}

/** The text of a C string: up to its NUL, or all of it. What is not UTF-8 becomes U+FFFD. */
export function text(bytes: Uint8Array): string {
  const n = strlen(bytes)
  let result = ''
  for (let at = 0; at < n;) {
    const [code, length] = decode(bytes, at, n)
    result += String.fromCodePoint(code)
    at += length
  }
  return result
}

/** How many bytes there are before the NUL; all of them if there is none. */
export function strlen(s: Uint8Array): number {
  const end = s.indexOf(0)
  return end < 0 ? s.length : end
}

/** As strlen(), but no more than `maxlen`. */
export function strnlen(s: Uint8Array, maxlen: number): number {
  return Math.min(strlen(s), maxlen)
}

/** Negative, 0 or positive, as `a` comes before, is, or comes after `b`. */
export function strcmp(a: Uint8Array, b: Uint8Array): number {
  return strncmp(a, b, Infinity)
}

/** As strcmp(), of the first `n` bytes. */
export function strncmp(a: Uint8Array, b: Uint8Array, n: number): number {
  for (let i = 0; i < n; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0 || !a[i]) return difference
  }
  return 0
}

/** As strcmp(), of the first `n` bytes, NULs or not. */
export function memcmp(a: void_ptr, b: void_ptr, n: number): number {
  const [left, right] = [bytesOf(a), bytesOf(b)]
  for (let i = 0; i < n; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** From the first byte `c` of the string on, which may be its NUL; null if there is none. */
export function strchr(s: Uint8Array, c: number): Uint8Array | null {
  return from(s, s.subarray(0, strlen(s) + 1).indexOf(c))
}

/** As strchr(), from the last one on. */
export function strrchr(s: Uint8Array, c: number): Uint8Array | null {
  return from(s, s.subarray(0, strlen(s) + 1).lastIndexOf(c))
}

/** From the first byte `c` of the first `n` on; null if there is none. */
export function memchr(s: Uint8Array, c: number, n: number): Uint8Array | null {
  return from(s, s.subarray(0, n).indexOf(c))
}

/** From where `what` is found in the string on; null if it is not. */
export function strstr(s: Uint8Array, what: Uint8Array): Uint8Array | null {
  const length = strlen(what)
  for (let at = 0; at <= strlen(s) - length; at++) {
    if (memcmp(s.subarray(at), what, length) === 0) return s.subarray(at)
  }
  return null
}

/** Fill the first `n` bytes of `s` with the byte `c`. */
export function memset<T extends void_ptr>(s: T, c: number, n: number): T {
  const bytes = bytesOf(s)
  if (n > bytes.length) fortify_panic('memset')
  bytes.fill(c, 0, n)
  return s
}

/** Fill the first `n` words of 16 bits with `v`. */
export function memset16(s: Uint16Array, v: number, n: number): Uint16Array {
  if (n > s.length) fortify_panic('memset')
  return s.fill(v, 0, n)
}

/** Fill the first `n` words of 32 bits with `v`. */
export function memset32(s: Uint32Array, v: number, n: number): Uint32Array {
  if (n > s.length) fortify_panic('memset')
  return s.fill(v, 0, n)
}

/** Copy the first `n` bytes of `from` over those of `to`. */
export function memcpy<T extends void_ptr>(to: T, src: void_ptr, n: number): T {
  move('memcpy', bytesOf(to), bytesOf(src), n)
  return to
}

/** As memcpy(); both may be parts of the same array. */
export function memmove<T extends void_ptr>(to: T, src: void_ptr, n: number): T {
  move('memmove', bytesOf(to), bytesOf(src), n)
  return to
}

/** Copy a string with its NUL. */
export function strcpy(to: Uint8Array, src: Uint8Array): Uint8Array {
  const length = strlen(src)
  if (length + 1 > to.length) fortify_panic('strcpy')
  to.set(src.subarray(0, length))
  to[length] = 0
  return to
}

/** Copy a string, zeros behind it, `n` bytes in all: there is no NUL if it is too long. */
export function strncpy(to: Uint8Array, src: Uint8Array, n: number): Uint8Array {
  if (n > to.length) fortify_panic('strncpy')
  to.fill(0, 0, n).set(src.subarray(0, strnlen(src, n)))
  return to
}

/** Copy as much of a string as fits into `count` bytes with a NUL; its length, or -E2BIG if cut. */
export function strscpy(to: Uint8Array, src: Uint8Array, count: number): number {
  if (count > to.length) fortify_panic('strscpy')
  if (count === 0) return -E2BIG
  const length = strlen(src)
  const kept = Math.min(length, count - 1)
  to.set(src.subarray(0, kept))
  to[kept] = 0
  return kept < length ? -E2BIG : length
}

/** As strscpy(); the length of `src`, cut or not. */
export function strlcpy(to: Uint8Array, src: Uint8Array, size: number): number {
  if (size > to.length) fortify_panic('strlcpy')
  if (size > 0) strscpy(to, src, size)
  return strlen(src)
}

/** Copy a string behind the one that is there. */
export function strcat(to: Uint8Array, src: Uint8Array): Uint8Array {
  return strncat(to, src, Infinity, 'strcat')
}

/** As strcat(), at most `n` bytes and a NUL. */
export function strncat(
  to: Uint8Array,
  src: Uint8Array,
  n: number,
  name = 'strncat',
): Uint8Array {
  const at = strlen(to)
  const length = strnlen(src, n)
  if (at + length + 1 > to.length) fortify_panic(name)
  to.set(src.subarray(0, length), at)
  to[at + length] = 0
  return to
}

/** The array from byte `at` on, which shares its memory. */
function from(s: Uint8Array, at: number): Uint8Array | null {
  return at < 0 ? null : s.subarray(at)
}

function move(name: string, to: Uint8Array, src: Uint8Array, n: number): void {
  if (n > to.length || n > src.length) fortify_panic(name)
  to.set(src.subarray(0, n))
}
