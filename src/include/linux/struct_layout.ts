// Where the members of a C struct lie: offsets, padding, bit-fields, as gcc lays them out on x86-64.

import { type ctype, bitfield } from './struct_scalar.ts'

/** A member as it is declared. */
export interface member {
  readonly name: string
  readonly type: ctype
  /** Of a bit-field: the integer type it is part of, and how many bits of it. */
  readonly bits?: {
    readonly type: string
    readonly width: number
    readonly wide: boolean
  }
  /** Padding, or an anonymous struct or union, whose members count as the outer one's. */
  readonly unnamed?: boolean
  /** `__packed` on the member itself. */
  readonly packed?: boolean
  /** `__aligned(n)` on the member itself, in bytes. */
  readonly aligned?: number
}

export interface struct_options {
  /** `__packed`: no padding between members. */
  readonly packed?: boolean
  /** `__aligned(n)`: of the whole, in bytes; a power of two. */
  readonly aligned?: number
}

/** A member where it lies. */
export interface placed {
  readonly name: string
  readonly offset: number
  readonly type: ctype
  readonly unnamed: boolean
  readonly bitfield: boolean
}

export interface layout {
  readonly size: number
  readonly align: number
  readonly members: readonly placed[]
}

/** The type that a struct is where it is a member itself. */
export interface struct_ctype extends ctype<object> {
  readonly shape: layout
}

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to

function alignOf({ type, packed = false, aligned = 1 }: member, all: boolean): number {
  return Math.max(packed || all ? 1 : type.align, aligned)
}

/** Lay members out one behind the other or, for a union, all at the beginning. */
export function lay_out(
  members: readonly member[],
  { packed = false, aligned = 1 }: struct_options,
  union: boolean,
): layout {
  const placedMembers: placed[] = []
  let bit = 0
  let end = 0
  let align = aligned
  for (const one of members) {
    if (union) bit = 0
    const start = startOf(one, bit, packed)
    bit = start + bitsOf(one)
    end = Math.max(end, bit)
    align = Math.max(align, effectOf(one, packed))
    if (!one.bits || !one.unnamed) placedMembers.push(place(one, start))
  }
  const size = roundUp(Math.ceil(end / 8), align)
  return { size, align, members: placedMembers }
}

const bitsOf = ({ type, bits }: member): number => bits?.width ?? 8 * type.size

/** The bit at which a member begins, if the one before it ends at `bit`. */
function startOf(one: member, bit: number, packed: boolean): number {
  const align = 8 * alignOf(one, packed)
  const { bits } = one
  if (!bits) return roundUp(bit, align)
  if (bits.width === 0) return roundUp(bit, 8 * one.type.align)
  if (one.aligned !== undefined) bit = roundUp(bit, 8 * one.aligned)
  if (packed || one.packed) return bit

  // It lies within one unit of its type, as if all of that type were there.
  const unit = 8 * one.type.size
  const crosses = Math.floor(bit / unit) !== Math.floor((bit + bits.width - 1) / unit)
  return crosses ? roundUp(bit, align) : bit
}

/** What a member does to the alignment of the whole: bits without a name do nothing. */
function effectOf(one: member, packed: boolean): number {
  return one.bits && one.unnamed ? 1 : alignOf(one, packed)
}

function place({ name, type, bits, unnamed = false }: member, start: number): placed {
  const offset = Math.floor(start / 8)
  if (!bits) return { name, offset, type, unnamed, bitfield: false }

  const field = bitfield(bits.type, start % 8, bits.width, bits.wide)
  return { name, offset, type: field, unnamed, bitfield: true }
}
