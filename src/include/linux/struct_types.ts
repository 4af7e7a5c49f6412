// What TypeScript knows of a struct(): from the declaration of each member, the type of its value.

import type { c_object_type, c_type } from '../uapi/c_types.ts'
import type { c_array } from './struct_array.ts'
import type { ctype } from './struct_scalar.ts'

/** Where a view keeps the bytes it looks at. */
export const BYTES: unique symbol = Symbol.for('modbox.bytes')
/** Where a struct's class keeps what it is as a type of C. */
export const TYPE: unique symbol = Symbol.for('modbox.type')

/** A view of a C struct or union in memory: what copy_to_user() takes besides arrays. */
export interface struct_view {
  readonly [BYTES]?: Uint8Array
}

/** A type of C with what stands beside it in a declaration, made by array(), aligned() and others. */
export interface declarator<V> {
  readonly type: ctype<V>
  readonly bits?: {
    readonly type: string
    readonly width: number
    readonly wide: boolean
  }
  readonly packed?: boolean
  readonly aligned?: number
}

/** Members that count as the outer struct's, or padding bits. */
export interface unnamed_declarator<V> extends declarator<V> {
  readonly unnamed: true
}

/** How a member can be declared. */
export type declaration =
  c_object_type | `${c_type}:${number}` | declarator<unknown> | { readonly [TYPE]: ctype }

type byte = 'u8' | '__u8' | 'uint8_t' | 'unsigned char' | 'uchar'

type array_value<E extends string> = E extends 'char'
  ? string
  : E extends byte
    ? Uint8Array
    : c_array<text_value<E>>

type text_value<S extends string> = S extends `${infer E}[${string}]${infer Rest}`
  ? array_value<`${E}${Rest}`>
  : S extends 'bool' | '_Bool' | `bool:${string}` | `_Bool:${string}`
    ? boolean
    : number

/** What a member declared so holds. */
export type value_of<D> =
  D extends declarator<infer V>
    ? V
    : D extends { readonly [TYPE]: ctype<infer V> }
      ? V
      : D extends string
        ? text_value<D>
        : never

type unnamed_keys<F> = {
  [K in keyof F]: F[K] extends unnamed_declarator<unknown> | `${string}:0` ? K : never
}[keyof F]

/** As parameters, because what fits all of several parameters is the intersection of their types. */
type promoted<F> = {
  [K in keyof F]: F[K] extends unnamed_declarator<infer V> ? (members: V) => void : never
}[keyof F]

type all_of<P> = [P] extends [never]
  ? unknown
  : [P] extends [(members: infer V) => void]
    ? V
    : never

/** The members of a struct declared so, as properties. */
export type members_of<F> = {
  -readonly [K in Exclude<keyof F, unnamed_keys<F>>]: value_of<F[K]>
} & all_of<promoted<F>>

/** A struct's members, all or some of them, as plain values: C's `{ .x = 1 }`. */
export type initializer<V> = V extends string | number | bigint | boolean | Uint8Array
  ? V
  : V extends c_array<infer T>
    ? ArrayLike<initializer<T>> & Iterable<initializer<T>>
    : { readonly [K in keyof V]?: initializer<V[K]> }

/** A struct() or union(): its size, and views of it. */
export interface struct_type<V> {
  readonly [TYPE]: ctype<V>
  /** Bytes, as C's sizeof says. */
  readonly sizeof: number
  /** Zeroed memory of its own with these members set. */
  new (members?: initializer<V>): V & struct_view
  /**
   * What is in `memory` from byte `offset` on; changes go there. Throws a RangeError if there is not
   * enough of it.
   */
  new (memory: ArrayBufferView, offset?: number): V & struct_view
  /**
   * C's `(struct foo *)address`. It reaches no memory, so using a member is a page fault at the address
   * of that member: `at(0)` is a NULL pointer.
   */
  at(address: number | bigint): V & struct_view
}
