// What printk and snprintf make of "%d %s": C's formats on JavaScript values.
// Linux: lib/vsprintf.c, format_decode() and vsnprintf().
//
// Where the kernel departs from C, so does this: no %f, a precision written as a bare "."
// means none, a negative one means 0, `0` pads even beside a precision, and a zero
// is never printed as nothing. Where C would read garbage, something visible comes out:
// "(missing)" when arguments run out, "(einval)" for an argument that is no number.

import {
  EINVAL_TEXT,
  formatNumber,
  formatString,
  pad,
  toInteger,
} from './vsprintf_parts.ts'
import type { FormatSpec } from './vsprintf_parts.ts'
import { formatPointer } from './vsprintf_pointer.ts'
import type { PrintfContext } from './vsprintf_pointer.ts'

export type { PrintfContext, SymbolPlace } from './vsprintf_pointer.ts'

const MISSING = '(missing)'

// Linux keeps widths in 24 bits and precisions in 16.
const WIDTH_MAX = (1 << 23) - 1
const PRECISION_MAX = (1 << 15) - 1

const PERCENT = 0x25
const LETTER_D = 0x64
const LETTER_S = 0x73

/** Flags, width, precision, length and conversion, from behind the `%` on. */
const CONVERSION =
  /([-+ #0]*)(\*|\d+)?(\.(?:\*|\d*))?(hh|h|ll|[lL]|z|t)?(p[0-9A-Za-z]*|[dioxXucs%])?/y

/**
 * Format `args` by `fmt`. Numbers may be number, bigint or boolean; fractions are cut off and
 * values wrap to the size of the C type named: int, or 64 bits with l, ll, L, z, t.
 * A conversion that the kernel does not know, %n and %f among them, ends the text, and
 * `context` is told. `context` also knows what %p and %pS print; without it %p prints
 * "(____ptrval____)", as Linux does early in the boot.
 */
export function vsnprintf(
  fmt: string,
  args: readonly unknown[],
  context?: PrintfContext,
): string {
  let percent = fmt.indexOf('%')
  if (percent < 0) return fmt

  let out = ''
  let from = 0
  let taken = 0
  while (percent >= 0) {
    if (percent > from) out += fmt.slice(from, percent)
    const letter = fmt.charCodeAt(percent + 1)
    const arg = args[taken]
    // The two that most messages are made of.
    if (letter === LETTER_D && typeof arg === 'number' && (arg | 0) === arg) {
      out += arg
      taken++
      from = percent + 2
    } else if (letter === LETTER_S && typeof arg === 'string') {
      out += arg
      taken++
      from = percent + 2
    } else if (letter === PERCENT) {
      out += '%'
      from = percent + 2
    } else {
      const next = new Arguments(args, taken)
      const text = conversion(fmt, percent + 1, next, context)
      if (text === undefined) return out
      out += text
      taken = next.taken
      from = next.end
    }
    percent = fmt.indexOf('%', from)
  }
  return from < fmt.length ? out + fmt.slice(from) : out
}

/** The arguments, taken one after the other. */
class Arguments {
  readonly #args: readonly unknown[]
  taken: number
  /** Where in the format the conversion ends. */
  end = 0

  constructor(args: readonly unknown[], taken: number) {
    this.#args = args
    this.taken = taken
  }

  get left(): boolean {
    return this.taken < this.#args.length
  }

  take(): unknown {
    return this.#args[this.taken++]
  }
}

/** One conversion, which begins at `at`; undefined if there is no such one. */
function conversion(
  fmt: string,
  at: number,
  next: Arguments,
  context: PrintfContext | undefined,
): string | undefined {
  CONVERSION.lastIndex = at
  const match = CONVERSION.exec(fmt)
  next.end = CONVERSION.lastIndex
  const letters = match?.[5]
  if (!match || letters === undefined) {
    context?.unsupported(fmt.charAt(next.end))
    return undefined
  }
  if (letters === '%') return '%'
  const spec = parseSpec(match, letters, next)
  return next.left ? convert(spec, next.take(), context) : MISSING
}

function parseSpec(match: RegExpExecArray, letters: string, next: Arguments): FormatSpec {
  const [, flags = '', width, precision, length = ''] = match
  const given = width === '*' ? starred(next) : width === undefined ? -1 : Number(width)
  const left = flags.includes('-') || (width === '*' && given < 0)
  return {
    left,
    plus: flags.includes('+'),
    space: flags.includes(' '),
    special: flags.includes('#'),
    zeropad: flags.includes('0') && !left,
    width: Math.min(width === '*' ? Math.abs(given) : given, WIDTH_MAX),
    precision: parsePrecision(precision, next),
    length,
    conversion: letters,
  }
}

function parsePrecision(precision: string | undefined, next: Arguments): number {
  if (precision === undefined || precision === '.') return -1
  const given = precision === '.*' ? starred(next) : Number(precision.slice(1))
  return Math.min(Math.max(given, 0), PRECISION_MAX)
}

/** The argument that a `*` stands for; 0 if it is no number. */
function starred(next: Arguments): number {
  const value = toInteger(next.take())
  return value === undefined ? 0 : Number(BigInt.asIntN(32, value))
}

function convert(
  spec: FormatSpec,
  arg: unknown,
  context: PrintfContext | undefined,
): string {
  switch (spec.conversion) {
    case 's':
      return formatString(spec, arg)
    case 'c':
      return pad(spec, formatChar(arg))
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      return formatInteger(spec, arg)
    case 'pV':
      return formatNested(arg, context)
    default:
      return formatPointer(spec, arg, context)
  }
}

function formatChar(arg: unknown): string {
  if (typeof arg === 'string') return arg.slice(0, 1)
  const value = toInteger(arg)
  if (value === undefined) return EINVAL_TEXT
  return String.fromCharCode(Number(BigInt.asUintN(8, value)))
}

function formatInteger(spec: FormatSpec, arg: unknown): string {
  const signed = spec.conversion === 'd' || spec.conversion === 'i'
  if (spec.length === '' && typeof arg === 'number')
    return formatNumber(spec, signed ? arg | 0 : arg >>> 0, signed)

  const value = toInteger(arg)
  if (value === undefined) return pad(spec, EINVAL_TEXT)
  const bits = bitsOf(spec.length)
  const wrapped = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
  return formatNumber(spec, wrapped, signed)
}

function bitsOf(length: string): number {
  if (length === 'hh') return 8
  if (length === 'h') return 16
  return length === '' ? 32 : 64
}

/** %pV: a format within the format, `{ fmt, va }`: struct va_format. */
function formatNested(arg: unknown, context: PrintfContext | undefined): string {
  if (arg === null || arg === undefined) return '(null)'
  if (typeof arg !== 'object' || !('fmt' in arg) || typeof arg.fmt !== 'string') {
    return EINVAL_TEXT
  }
  return vsnprintf(arg.fmt, 'va' in arg && Array.isArray(arg.va) ? arg.va : [], context)
}
