// What printk and snprintf make of "%d %s": C's formats on JavaScript values.
// Linux: lib/vsprintf.c.
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
import type { PointerIds } from './vsprintf_pointer.ts'

export const MISSING = '(missing)'

// Linux keeps widths in 24 bits and precisions in 16.
const WIDTH_MAX = (1 << 23) - 1
const PRECISION_MAX = (1 << 15) - 1

const CONVERSION =
  /%([-+ #0]*)(\*|\d+)?(\.(?:\*|\d*))?(hh|h|ll|l|L|q|j|z|Z|t)?(p[0-9A-Za-z]*|[dioxXucs%])/g

/**
 * Format `args` by `fmt`. Numbers may be number, bigint or boolean; fractions are cut off and
 * values wrap to the size of the C type named: int, or 64 bits with l, ll, L, q, j, z, t.
 * Unknown conversions are copied as they are and take no argument. `ids` gives the
 * identifiers that %p prints; without it %p prints "(____ptrval____)", as Linux does
 * early in the boot.
 */
export function vsnprintf(
  fmt: string,
  args: readonly unknown[],
  ids?: PointerIds,
): string {
  if (!fmt.includes('%')) return fmt

  const next = new Arguments(args)
  return fmt.replace(
    CONVERSION,
    (
      _,
      flags: string,
      width?: string,
      precision?: string,
      length = '',
      conversion = '',
    ) => {
      if (conversion === '%') return '%'
      const spec = parseSpec(flags, width, precision, length, conversion, next)
      return next.left ? convert(spec, next.take(), ids) : MISSING
    },
  )
}

/** The arguments, taken one after the other. */
class Arguments {
  readonly #args: readonly unknown[]
  #taken = 0

  constructor(args: readonly unknown[]) {
    this.#args = args
  }

  get left(): boolean {
    return this.#taken < this.#args.length
  }

  take(): unknown {
    return this.#args[this.#taken++]
  }
}

function parseSpec(
  flags: string,
  width: string | undefined,
  precision: string | undefined,
  length: string,
  conversion: string,
  next: Arguments,
): FormatSpec {
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
    conversion,
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

function convert(spec: FormatSpec, arg: unknown, ids: PointerIds | undefined): string {
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
      return formatNested(arg, ids)
    default:
      return formatPointer(spec, arg, ids)
  }
}

function formatChar(arg: unknown): string {
  if (typeof arg === 'string') return arg.slice(0, 1)
  const value = toInteger(arg)
  if (value === undefined) return EINVAL_TEXT
  return String.fromCharCode(Number(BigInt.asUintN(8, value)))
}

function formatInteger(spec: FormatSpec, arg: unknown): string {
  const value = toInteger(arg)
  if (value === undefined) return pad(spec, EINVAL_TEXT)

  const signed = spec.conversion === 'd' || spec.conversion === 'i'
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
function formatNested(arg: unknown, ids: PointerIds | undefined): string {
  if (arg === null || arg === undefined) return '(null)'
  if (typeof arg !== 'object' || !('fmt' in arg) || typeof arg.fmt !== 'string') {
    return EINVAL_TEXT
  }
  return vsnprintf(arg.fmt, 'va' in arg && Array.isArray(arg.va) ? arg.va : [], ids)
}
