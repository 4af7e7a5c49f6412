// C structs as programs and drivers share them: `struct({ x: 'int', name: 'char[16]' })` knows where
// each member lies, and gives views that read and write there. The layout is that of x86-64.

import { c_dimensions, c_sizeof, type c_object_type } from '../uapi/c_types.ts'
import {
  array as arrayOf,
  byteArray,
  type c_array,
  flexibleText,
} from './struct_array.ts'
import { lay_out, type member, type struct_options } from './struct_layout.ts'
import { type c_number, chars, type ctype, scalar } from './struct_scalar.ts'
import {
  BYTES,
  type declaration,
  type declarator,
  type members_of,
  type struct_type,
  type struct_view,
  TYPE,
  type unnamed_declarator,
  type value_of,
} from './struct_types.ts'
import { view_class, withoutView } from './struct_view.ts'

export type { c_array, struct_options, struct_type, struct_view }
export type { initializer } from './struct_types.ts'

/**
 * A struct of C. A member is declared by a type (`'int'`, `'u64'`, `'char *'`, `'enum colour'`), by
 * arrays of it (`'char[16]'` is text, `'u8[6]'` a Uint8Array, `'int[]'` a flexible array), as a
 * bit-field (`'unsigned int:3'`), or by another struct. Throws a TypeError on a type that C has not.
 */
export function struct<const F extends Record<string, declaration>>(
  members: F,
  options: struct_options = {},
): struct_type<members_of<F>> {
  return define(members, options, false)
}

/** A union of C: as struct(), with all members in the same place. */
export function union<const F extends Record<string, declaration>>(
  members: F,
  options: struct_options = {},
): struct_type<members_of<F>> {
  return define(members, options, true)
}

function define<V>(
  members: Record<string, declaration>,
  options: struct_options,
  isUnion: boolean,
): struct_type<V> {
  const declared = Object.entries(members).map(([name, one]) => declare(name, one))
  return view_class<V>(lay_out(declared, options, isUnion))
}

function declare(name: string, declared: declaration): member {
  const one = declaratorOf(declared)
  const unnamed = 'unnamed' in one || one.bits?.width === 0
  return { name, ...one, unnamed }
}

function declaratorOf(declared: declaration): declarator<unknown> {
  if (typeof declared !== 'string') {
    return TYPE in declared ? { type: declared[TYPE] } : declared
  }
  const [type = '', width] = declared.split(':')
  if (width === undefined) return { type: typeNamed(declared) }
  return bits(type.trim(), Number(width), false)
}

function bits(type: string, width: number, wide: boolean): declarator<c_number> {
  if (!Number.isInteger(width) || width < 0 || width > 8 * c_sizeof(type)) {
    throw new TypeError(`Invalid width of a bit-field: "${type}:${width}"`)
  }
  return { type: scalar(type, wide), bits: { type, width, wide } }
}

const BYTE = ['u8', '__u8', 'uint8_t', 'unsigned char', 'uchar']

/** The type that a text names: 'int[2][3]' is two arrays of three. */
function typeNamed(name: string): ctype {
  const [base, dimensions] = c_dimensions(name)
  const inner = dimensions.pop()
  if (inner === undefined) return scalar(base)
  const row = rowOf(base, inner)
  return dimensions.reduceRight<ctype>((element, n) => arrayOf(element, n), row)
}

function rowOf(base: string, n: number): ctype {
  if (base === 'char') return n === 0 ? flexibleText(chars) : chars(n)
  return BYTE.includes(base) ? byteArray(n) : arrayOf(scalar(base), n)
}

/** `n` structs in a row; without `n` a flexible array, which goes on as far as the memory does. */
export function array<D extends declaration>(
  element: D,
  n = 0,
): declarator<c_array<value_of<D>>> {
  return { type: arrayOf(declaratorOf(element).type as ctype<value_of<D>>, n) }
}

/** An integer that always reads as a bigint: `bigint('u64')`, also of bit-fields. */
export function bigint(type: string): declarator<bigint> {
  const [base = '', width] = type.split(':')
  const one =
    width === undefined ? { type: scalar(base, true) } : bits(base, Number(width), true)
  return one as declarator<bigint>
}

/** `__aligned(n)` on one member, in bytes. */
export function aligned<D extends declaration>(
  member: D,
  n: number,
): declarator<value_of<D>> {
  return { ...declaratorOf(member), aligned: n } as declarator<value_of<D>>
}

/** `__packed` on one member. */
export function packed<D extends declaration>(member: D): declarator<value_of<D>> {
  return { ...declaratorOf(member), packed: true } as declarator<value_of<D>>
}

/**
 * A member without a name: a struct or union whose members count as the outer one's, or the padding
 * `unnamed('int:5')`. What it is called is for nobody to see.
 */
export function unnamed<D extends declaration>(
  member: D,
): unnamed_declarator<D extends string ? unknown : value_of<D>> {
  const one = { ...declaratorOf(member), unnamed: true }
  return one as unnamed_declarator<D extends string ? unknown : value_of<D>>
}

/** Bytes of a C type, a struct, or a view of one: C's sizeof. */
export function sizeof(
  what: c_object_type | { readonly sizeof: number } | struct_view,
): number {
  if (typeof what === 'string') return c_sizeof(what)
  if ('sizeof' in what && TYPE in what) return what.sizeof
  return bytes_of(what as struct_view).length
}

/**
 * Where a member begins, in bytes; of members of members too: `offsetof(line, 'from.x')`,
 * `offsetof(line, 'points[2].x')`. Throws a TypeError on a name that is not there, and on a bit-field.
 */
export function offsetof<V>(
  type: struct_type<V>,
  member: (keyof V & string) | `${keyof V & string}${'.' | '['}${string}`,
): number {
  let at: { offset: number; type: ctype } = { offset: 0, type: type[TYPE] }
  for (const name of member.match(/[^.[\]]+/g) ?? []) {
    const next = at.type.inside?.(name)
    if (!next) throw new TypeError(`Cannot take the offset of "${member}"`)
    at = { offset: at.offset + next.offset, type: next.type }
  }
  return at.offset
}

/** Bytes that a struct needs with `n` elements in its flexible array: Linux's struct_size(). */
export function struct_size<V>(
  type: struct_type<V>,
  member: keyof V & string,
  n: number,
): number {
  const flexible = type[TYPE].inside?.(member)?.type.flexible
  if (flexible === undefined) throw new TypeError(`"${member}" is no flexible array`)
  return type.sizeof + n * flexible
}

/** The memory that a view looks at; what is written there is in the view. */
export function bytes_of(view: struct_view): Uint8Array {
  const bytes = view[BYTES]
  if (!bytes) throw new TypeError('Not a view of a struct')
  return bytes
}

/** The members of a view as an ordinary object that no longer depends on the memory. */
export function plain<V extends object>(view: V): { -readonly [K in keyof V]: V[K] } {
  return withoutView(view) as { -readonly [K in keyof V]: V[K] }
}
