// Views of structs: objects whose properties are the members, read and written where they lie.

import { type ctype, bytesAt } from './struct_scalar.ts'
import type { layout, placed, struct_ctype } from './struct_layout.ts'
import { BYTES, type struct_type, TYPE } from './struct_types.ts'
import { wild_view } from './struct_wild.ts'

const MEMORY = Symbol('memory')
const AT = Symbol('at')

interface view {
  readonly [MEMORY]: DataView
  readonly [AT]: number
}

/** The class of views of a struct with this layout; `new` makes one, `sizeof` and TYPE are its own. */
export function view_class<V>(shape: layout): struct_type<V> {
  class struct_view implements view {
    static readonly sizeof = shape.size
    static readonly [TYPE] = structType(shape, struct_view.prototype)
    static at(address: number | bigint): object {
      return wild_view(shape, BigInt(address))
    }
    readonly [MEMORY]: DataView
    readonly [AT]: number

    constructor(init?: ArrayBufferView | object, offset = 0) {
      this[AT] = 0
      this[MEMORY] = ArrayBuffer.isView(init)
        ? part(init, offset, shape)
        : new DataView(new ArrayBuffer(shape.size))
      if (init && !ArrayBuffer.isView(init)) struct_view[TYPE].set(this[MEMORY], 0, init)
    }

    get [BYTES](): Uint8Array {
      const { byteLength } = this[MEMORY]
      const length = isFlexible(shape) ? byteLength - this[AT] : shape.size
      return bytesAt(this[MEMORY], this[AT], length)
    }
  }
  for (const member of shape.members) addMember(struct_view.prototype, member)
  return struct_view as unknown as struct_type<V>
}

/** Up to where the struct reaches: to the end of `memory`, if its last member does. */
function part(memory: ArrayBufferView, offset: number, shape: layout): DataView {
  const room = memory.byteLength - offset
  if (offset < 0 || room < shape.size) {
    throw new RangeError(`Not enough memory: ${room} bytes for ${shape.size}`)
  }
  const length = isFlexible(shape) ? room : shape.size
  return new DataView(memory.buffer, memory.byteOffset + offset, length)
}

const isFlexible = ({ members }: layout): boolean =>
  members.at(-1)?.type.flexible !== undefined

/** A property for a member, or for each member of one without a name. */
function addMember(prototype: object, { name, offset, type, unnamed }: placed): void {
  if (unnamed) return addPromoted(prototype, offset, type)
  Object.defineProperty(prototype, name, {
    enumerable: true,
    get(this: view) {
      return type.get(this[MEMORY], this[AT] + offset)
    },
    set(this: view, value: unknown) {
      type.set(this[MEMORY], this[AT] + offset, value)
    },
  })
}

function addPromoted(prototype: object, offset: number, type: ctype): void {
  if (!('shape' in type)) return
  for (const member of (type as struct_ctype).shape.members) {
    addMember(prototype, { ...member, offset: offset + member.offset })
  }
}

/** The struct as a type that others may have as a member. */
function structType(shape: layout, prototype: object): struct_ctype {
  const type: struct_ctype = {
    shape,
    size: shape.size,
    align: shape.align,
    get(memory, at) {
      const nested = Object.create(prototype) as { [MEMORY]: DataView; [AT]: number }
      nested[MEMORY] = memory
      nested[AT] = at
      return nested
    },
    set(memory, at, value) {
      const there = bytesAt(memory, at, shape.size)
      // A value that lies in the same memory must not be wiped before it is read.
      const values = BYTES in value ? copyOf(value as { [BYTES]: Uint8Array }) : value
      there.fill(0)
      if (values instanceof Uint8Array) there.set(values.subarray(0, shape.size))
      else Object.assign(type.get(memory, at), values)
    },
    inside: name => find(shape, name),
  }
  return type
}

function copyOf(view: { [BYTES]: Uint8Array }): Uint8Array {
  return Uint8Array.from(view[BYTES])
}

/** A member by its name, also one of those without. Bit-fields have no address. */
function find(shape: layout, name: string): { offset: number; type: ctype } | undefined {
  for (const { name: own, offset, type, unnamed, bitfield } of shape.members) {
    if (!unnamed && own === name) return bitfield ? undefined : { offset, type }
    const inner = unnamed ? type.inside?.(name) : undefined
    if (inner) return { offset: offset + inner.offset, type: inner.type }
  }
  return undefined
}

/** What is in a view, as plain objects, arrays and values. */
export function withoutView(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (ArrayBuffer.isView(value)) return Uint8Array.from(value as Uint8Array)
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)].map(withoutView)
  const result: Record<string, unknown> = {}
  for (const name in value)
    result[name] = withoutView((value as Record<string, unknown>)[name])
  return result
}
