// C strings and memory, as bytes. Linux: include/linux/string.h.
//
// TypeScript's own strings do for most things. These are for bytes that a program sees:
// what copy_to_user() sends and strncpy_from_user() fetches.

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

/** Negative, 0 or positive, as `a` comes before, is, or comes after `b`. */
export function strcmp(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; ; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0 || !a[i]) return difference
  }
}

/** As strcmp(), of the first `n` bytes, NULs or not. */
export function memcmp(a: Uint8Array, b: Uint8Array, n: number): number {
  for (let i = 0; i < n; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Fill the first `n` bytes of `s` with the byte `c`. */
export function memset(s: Uint8Array, c: number, n: number): Uint8Array {
  return s.fill(c, 0, n)
}

/** Copy the first `n` bytes of `from` over those of `to`. */
export function memcpy(to: Uint8Array, from: Uint8Array, n: number): Uint8Array {
  to.set(from.subarray(0, n))
  return to
}

/** Marks of a lead byte, by the number of bytes that follow it. */
const LEAD = [0, 0xc0, 0xe0, 0xf0]

/** Store one character at `at`; how many bytes it took. A module has no TextEncoder. */
function encode(code: number, to: Uint8Array, at: number): number {
  if (code < 0x80) {
    to[at] = code
    return 1
  }
  const extra = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3
  to[at] = (LEAD[extra] ?? 0) | (code >> (6 * extra))
  for (let i = 1; i <= extra; i++) {
    to[at + i] = 0x80 | ((code >> (6 * (extra - i))) & 0x3f)
  }
  return extra + 1
}

const REPLACEMENT = 0xfffd
/** The least code that needs a lead byte and this many more. */
const LEAST = [0, 0x80, 0x800, 0x10000]

/** The character at `at`, and how many bytes it takes. */
function decode(
  bytes: Uint8Array,
  at: number,
  end: number,
): [code: number, length: number] {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return [lead, 1]
  const extra = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1
  if (lead < 0xc2 || lead > 0xf4 || at + extra >= end) return [REPLACEMENT, 1]
  let code = lead & (0x3f >> extra)
  for (let i = 1; i <= extra; i++) {
    const byte = bytes[at + i] ?? 0
    if ((byte & 0xc0) !== 0x80) return [REPLACEMENT, 1]
    code = (code << 6) | (byte & 0x3f)
  }
  const isCharacter =
    code >= (LEAST[extra] ?? 0) && code <= 0x10ffff && (code & ~0x7ff) !== 0xd800
  return isCharacter ? [code, extra + 1] : [REPLACEMENT, 1]
}
