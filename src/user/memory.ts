// The memory of a program in the machine's own process: a heap for its buffers, and what it has mapped.

import type { user_memory } from '../lib/usercopy.ts'
import { access_nowait } from '../mm/access.ts'
import type { AddressSpace } from '../mm/address_space.ts'

/** Where the heap begins: NULL and what is near it is never valid. */
const HEAP_BASE = 0x10000

export class UserMemory implements user_memory {
  readonly #mm: AddressSpace
  #heap = new Uint8Array(4096)
  #used = 0

  constructor(mm: AddressSpace) {
    this.#mm = mm
  }

  /** The address of `n` new bytes, zeroed. */
  alloc(n: number): number {
    const at = this.#used
    this.#used += Math.ceil(n / 16) * 16
    if (this.#used > this.#heap.length) {
      const grown = new Uint8Array(this.#used * 2)
      grown.set(this.#heap)
      this.#heap = grown
    }
    return HEAP_BASE + at
  }

  /** The heap of a child: a copy, as everything but mapped areas is. */
  copyTo(mm: AddressSpace): UserMemory {
    const copy = new UserMemory(mm)
    copy.#heap = new Uint8Array(this.#heap)
    copy.#used = this.#used
    return copy
  }

  read(address: bigint | number, to: Uint8Array): number {
    const part = this.#part(address, to.length)
    if (!part) return access_nowait(this.#mm, Number(address), to, false)
    to.set(part)
    return part.length
  }

  write(address: bigint | number, from: Uint8Array): number {
    const part = this.#part(address, from.length)
    if (!part) return access_nowait(this.#mm, Number(address), from, true)
    part.set(from.subarray(0, part.length))
    return part.length
  }

  /** As much of the heap as there is from `address` on, if that is in it. */
  #part(address: bigint | number, length: number): Uint8Array | undefined {
    const at = Number(address) - HEAP_BASE
    if (at < 0 || at >= this.#used) return undefined
    return this.#heap.subarray(at, Math.min(at + length, this.#used))
  }
}
