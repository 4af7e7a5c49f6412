// sscanf(): values out of text, by a format. Linux: lib/vsprintf.c, vsscanf().

import type { ref } from '../include/linux/types.ts'
import { cstring, text } from '../include/linux/string.ts'
import { bytesOf } from './vsprintf_parts.ts'

/** Where a value goes: %s, %c and %[ take arrays of bytes, too. */
export type scan_target = ref<number> | ref<bigint> | ref<string> | Uint8Array

const CONVERSION = /\*|(\d+)?(hh|h|ll|l|L|z)?(\[\^?[^\]]*\]|.)?/sy
const INT_MAX = 2 ** 31 - 1
const SHRT_MAX = 32767
const BITS: Record<string, number> = { hh: 8, h: 16, '': 32 }

/** `sscanf('10 0x1f', '%d %i', a, b)`: how many values there were, 0 if none. */
export function sscanf(
  buf: string | Uint8Array,
  fmt: string,
  ...args: scan_target[]
): number {
  return vsscanf(buf, fmt, args)
}

export function vsscanf(
  buf: string | Uint8Array,
  fmt: string,
  args: readonly scan_target[],
): number {
  const bytes = bytesOf(buf)
  const scan = new Scan(bytes ? text(bytes) : String(buf), args)
  let at = 0
  while (at < fmt.length) {
    if (isSpace(fmt[at])) {
      while (isSpace(fmt[at])) at++
      scan.skipSpaces()
    } else if (fmt[at] !== '%') {
      if (!scan.takes(fmt.charAt(at++))) break
    } else {
      const end = convert(scan, fmt, at + 1)
      if (end === undefined) break
      at = end
    }
  }
  return scan.stored
}

/** The text, how far it has been read, and where the values go. */
class Scan {
  readonly text: string
  readonly #args: readonly scan_target[]
  at = 0
  #taken = 0
  /** Values that were found. */
  stored = 0

  constructor(text: string, args: readonly scan_target[]) {
    const end = text.indexOf('\0')
    this.text = end < 0 ? text : text.slice(0, end)
    this.#args = args
  }

  get done(): boolean {
    return this.at >= this.text.length
  }

  takes(char: string): boolean {
    return this.text.charAt(this.at++) === char
  }

  skipSpaces(): void {
    while (isSpace(this.text[this.at])) this.at++
  }

  /** The next `width` characters that `pattern` allows, which are taken. */
  take(pattern: RegExp, width: number): string {
    const start = this.at
    while (this.at - start < width && pattern.test(this.text.charAt(this.at))) this.at++
    return this.text.slice(start, this.at)
  }

  target(): scan_target | undefined {
    return this.#args[this.#taken++]
  }
}

/** One conversion, from behind the `%` on: where it ends; undefined if that is the end of all. */
function convert(scan: Scan, fmt: string, at: number): number | undefined {
  CONVERSION.lastIndex = at
  const match = CONVERSION.exec(fmt)
  const end = CONVERSION.lastIndex
  if (!match) return undefined
  if (match[0] === '*') return skip(scan, fmt, end)

  const [, digits, length = '', kind = ''] = match
  const width = digits === undefined ? undefined : Number(digits)
  if (kind === '' || width === 0) return undefined
  if (kind === 'n') {
    storeNumber(scan.target(), BigInt(scan.at), 32)
    return end
  }
  if (scan.done) return undefined
  const ok = isText(kind)
    ? textValue(scan, kind, width)
    : number(scan, kind, length, width)
  return ok ? end : undefined
}

function isText(kind: string): boolean {
  return kind === 's' || kind === 'c' || kind === '%' || kind.startsWith('[')
}

/** `%*d`: both go on to the next blank. */
function skip(scan: Scan, fmt: string, from: number): number | undefined {
  if (scan.done) return undefined
  let end = from
  while (end < fmt.length && !isSpace(fmt[end]) && fmt[end] !== '%') {
    if (fmt[end] === '[') return undefined
    end++
  }
  scan.take(/\S/, INT_MAX)
  return end
}

function textValue(scan: Scan, kind: string, width: number | undefined): boolean {
  if (kind === '%') return scan.takes('%')
  if (kind === 'c') {
    storeText(scan.target(), scan.take(/^[^]$/, width ?? 1), false)
  } else if (kind === 's') {
    scan.skipSpaces()
    storeText(scan.target(), scan.take(/\S/, width ?? SHRT_MAX), true)
  } else {
    const set = characterSet(kind)
    // Linux insists on a width here.
    if (!set || width === undefined || !set.test(scan.text.charAt(scan.at))) return false
    storeText(scan.target(), scan.take(set, width), true)
  }
  scan.stored++
  return true
}

/** "[abc]" and "[^abc]"; a "-" is only itself. */
function characterSet(kind: string): RegExp | undefined {
  const [, negate, members = ''] = /^\[(\^?)([^]+)\]$/.exec(kind) ?? []
  if (negate === undefined) return undefined
  return new RegExp(`^[${negate}${members.replace(/[\\\]^-]/g, '\\$&')}]$`)
}

const RADIX: Record<string, number> = { o: 8, x: 16, X: 16, i: 0, d: 10, u: 10 }
const DIGIT: Record<number, RegExp> = { 0: /\d/, 8: /[0-7]/, 10: /\d/, 16: /[\da-f]/i }

function number(scan: Scan, kind: string, length: string, width = INT_MAX): boolean {
  const radix = RADIX[kind]
  if (radix === undefined) return false
  scan.skipSpaces()
  const signed = kind === 'd' || kind === 'i'
  const negative = signed && scan.text[scan.at] === '-'
  if (negative && width === 1) return false
  const first = scan.text.charAt(scan.at + (negative ? 1 : 0))
  if (!DIGIT[radix]?.test(first)) return false

  if (negative) scan.at++
  const value = digits(scan, radix, negative ? width - 1 : width)
  storeNumber(scan.target(), negative ? -value : value, BITS[length] ?? 64, signed)
  scan.stored++
  return true
}

/** A field that has only room for a prefix is passed over, and 0. */
function digits(scan: Scan, radix: number, width: number): bigint {
  const rest = scan.text.slice(scan.at)
  const base = radix || (/^0x[\da-f]/i.test(rest) ? 16 : rest.startsWith('0') ? 8 : 10)
  const prefix = base === 16 && /^0x/i.test(rest) ? 2 : 0
  if (prefix >= width) {
    scan.at += width
    return 0n
  }
  scan.at += prefix
  const found = scan.take(DIGIT[base] ?? /\d/, width - prefix)
  return found === '' ? 0n : BigInt.asUintN(64, parse(found, base))
}

function parse(text: string, base: number): bigint {
  if (base === 10) return BigInt(text)
  return BigInt(`${base === 16 ? '0x' : '0o'}${text}`)
}

/** A ref that holds a bigint gets one; one that holds a number, only what no number can hold. */
function storeNumber(
  target: scan_target | undefined,
  value: bigint,
  bits: number,
  signed = true,
): void {
  if (target === undefined || !('value' in target)) return
  const wrapped = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
  const isExact =
    BigInt(Number(wrapped)) === wrapped && Number.isSafeInteger(Number(wrapped))
  const stored = typeof target.value === 'bigint' || !isExact ? wrapped : Number(wrapped)
  ;(target as ref<number | bigint>).value = stored
}

function storeText(target: scan_target | undefined, value: string, nul: boolean): void {
  if (target === undefined) return
  if ('value' in target) {
    ;(target as ref<string>).value = value
    return
  }
  const bytes = cstring(value)
  target.set(bytes.subarray(0, Math.min(bytes.length - (nul ? 0 : 1), target.length)))
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && /\s/.test(char)
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = { sscanf, vsscanf }
