// How arrays of C lie in memory: views whose elements are read and written where they are.

import { type ctype, bytesAt } from './struct_scalar.ts'

/** An array inside a struct: index it, iterate it, assign another array to it. */
export interface c_array<T> extends Iterable<T> {
  [index: number]: T
  readonly length: number
}

/** How many elements there are from `at` on: all that fit, if the array says no length. */
function lengthAt(memory: DataView, at: number, size: number, n: number): number {
  if (n > 0) return n
  return size > 0 ? Math.floor((memory.byteLength - at) / size) : 0
}

/** `n` elements of a type; with n 0 as many as the memory has room for: a flexible array member. */
export function array<T>(element: ctype<T>, n: number): ctype<c_array<T>> {
  return {
    size: element.size * n,
    align: element.align,
    ...(n === 0 && { flexible: element.size }),
    get: (memory, at) =>
      elements(element, memory, at, lengthAt(memory, at, element.size, n)),
    set(memory, at, values) {
      const length = lengthAt(memory, at, element.size, n)
      if (values.length > length) {
        throw new RangeError(`Excess elements: ${values.length} for ${length}`)
      }
      const copies = [...values]
      bytesAt(memory, at, length * element.size).fill(0)
      for (const [i, value] of copies.entries()) {
        element.set(memory, at + i * element.size, value)
      }
    },
    inside: index => ({ offset: Number(index) * element.size, type: element }),
  }
}

/** Bytes: an ordinary Uint8Array on the memory itself, so that it can be copied from and to. */
export function byteArray(n: number): ctype<Uint8Array> {
  const length = (memory: DataView, at: number) => lengthAt(memory, at, 1, n)
  return {
    size: n,
    align: 1,
    ...(n === 0 && { flexible: 1 }),
    get: (memory, at) => bytesAt(memory, at, length(memory, at)),
    set(memory, at, value) {
      const bytes = bytesAt(memory, at, length(memory, at))
      const copy = Uint8Array.from(value)
      if (copy.length > bytes.length) {
        throw new RangeError(`Excess elements: ${copy.length} for ${bytes.length}`)
      }
      bytes.fill(0)
      bytes.set(copy)
    },
    inside: index => ({ offset: Number(index), type: byteArray(1) }),
  }
}

/** Text that goes on to the end of the memory: `char name[]`. */
export function flexibleText(chars: (length: number) => ctype<string>): ctype<string> {
  const rest = (memory: DataView, at: number) => chars(memory.byteLength - at)
  return {
    size: 0,
    align: 1,
    flexible: 1,
    get: (memory, at) => rest(memory, at).get(memory, at),
    set: (memory, at, value) => rest(memory, at).set(memory, at, value),
  }
}

/** An object that has `length` elements, each where it is in memory. */
function elements<T>(
  element: ctype<T>,
  memory: DataView,
  at: number,
  length: number,
): c_array<T> {
  const place = (key: string | symbol): number | undefined => {
    const i = typeof key === 'string' ? Number(key) : NaN
    return Number.isInteger(i) && i >= 0 && i < length ? at + i * element.size : undefined
  }
  const target = {
    length,
    *[Symbol.iterator]() {
      for (let i = 0; i < length; i++) yield element.get(memory, at + i * element.size)
    },
  }
  return new Proxy(target as c_array<T>, {
    get(own, key) {
      const there = place(key)
      if (there !== undefined) return element.get(memory, there)
      return Reflect.get(own, key) as unknown
    },
    set(_own, key, value: T) {
      const there = place(key)
      if (there === undefined) throw new RangeError(`No element ${String(key)}`)
      element.set(memory, there, value)
      return true
    },
  })
}
