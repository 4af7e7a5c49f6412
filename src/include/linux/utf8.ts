// Characters as UTF-8, by hand: a module has no TextEncoder.

/** Marks of a lead byte, by the number of bytes that follow it. */
const LEAD = [0, 0xc0, 0xe0, 0xf0]

/** Store one character at `at`; how many bytes it took. */
export function encode(code: number, to: Uint8Array, at: number): number {
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
export function decode(
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
