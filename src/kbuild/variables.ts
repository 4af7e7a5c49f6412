// A driver's variables as a compiler leaves them: which section each is in, and its bytes there.
//
// A variable has 8 bytes. They hold its first value where that is a whole number, else nothing: an
// object is nowhere but in the running script. A typed array lies there itself, as an array of C does.
import { SECTION } from '../elf/module_layout.ts'
import { ByteWriter } from '../lib/bytes.ts'
import type { ScriptOutline } from './script_outline.ts'

/** Of a variable that is no array, in bytes. */
const SIZE = 8

/** What a variable starts as. */
export interface Variable {
  bytes: Uint8Array
  /** Zero, or as empty: .bss has no bytes in the file. */
  isZero: boolean
  isPrimitive: boolean
  isFunction: boolean
}

export function variableOf(value: unknown): Variable {
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
    return { ...OBJECT, bytes, isZero: bytes.every(byte => byte === 0) }
  }
  if (typeof value === 'function') return { ...OBJECT, isFunction: true }
  if (typeof value === 'object' && value !== null) return OBJECT
  const bytes = integerBytes(value)
  return { ...OBJECT, bytes, isZero: ZEROS.has(value), isPrimitive: true }
}

const OBJECT: Variable = {
  bytes: new Uint8Array(SIZE),
  isZero: false,
  isPrimitive: false,
  isFunction: false,
}

const ZEROS: ReadonlySet<unknown> = new Set([undefined, null, false, 0, 0n])

function integerBytes(value: unknown): Uint8Array {
  const whole = typeof value === 'boolean' ? Number(value) : value
  if (typeof whole !== 'bigint' && !Number.isSafeInteger(whole)) return OBJECT.bytes
  const wide = BigInt.asUintN(64, BigInt(whole as number | bigint))
  return new ByteWriter(SIZE).u64(wide).done()
}

/** Constants lie in .rodata. As for gcc, a variable that nothing ever writes to is one. */
export function sectionOf(
  { masked }: ScriptOutline,
  name: string,
  { isZero, isPrimitive }: Variable,
  isExported: boolean,
): string {
  if (isPrimitive && !isExported && !isWritten(masked, name)) return SECTION.rodata
  return isZero ? SECTION.bss : SECTION.data
}

const ASSIGNMENT = String.raw`(?:[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)?=(?![=>])|\+\+|--`

/** Apart from its declaration. */
function isWritten(masked: string, name: string): boolean {
  const escaped = name.replaceAll('$', String.raw`\$`)
  const word = String.raw`(?<![\w$.])${escaped}(?![\w$])`
  const written = `(?<!^var )${word}\\s*(?:${ASSIGNMENT})|(?:\\+\\+|--)${word}|\\((?:var )?${word} (?:of|in) `
  return new RegExp(written, 'm').test(masked)
}
