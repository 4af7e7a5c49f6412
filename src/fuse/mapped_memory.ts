// The memory of a program that has memory of drivers mapped.
//
// To touch a page there for it is to wait for the answer that only this process can give. So what is
// mapped from here is found in the drivers' own memory.

import type { user_memory } from '../lib/usercopy.ts'
import { access_nowait } from '../mm/access.ts'
import type { AddressSpace } from '../mm/address_space.ts'
import type { Mapping } from './memory_map.ts'

export class GuardedMemory implements user_memory {
  readonly #rest: user_memory
  readonly #ours: () => readonly Mapping[]
  readonly #spaceOf: (mapping: Mapping) => AddressSpace | undefined

  /** `ours` finds the mappings of memory of drivers, in order; `rest` is everything else. */
  constructor(
    rest: user_memory,
    ours: () => readonly Mapping[],
    spaceOf: (mapping: Mapping) => AddressSpace | undefined,
  ) {
    this.#rest = rest
    this.#ours = ours
    this.#spaceOf = spaceOf
  }

  read(address: bigint | number, to: Uint8Array): number {
    return this.#access(BigInt(address), to, false)
  }

  write(address: bigint | number, from: Uint8Array): number {
    return this.#access(BigInt(address), from, true)
  }

  #access(address: bigint, bytes: Uint8Array, write: boolean): number {
    const ours = this.#ours()
    let done = 0
    while (done < bytes.length) {
      const at = address + BigInt(done)
      const next = ours.find(({ to }) => to > at)
      const mapping = next && next.from <= at ? next : undefined
      const end = mapping ? mapping.to : next?.from
      const most = end === undefined ? bytes.length : Number(end - at)
      const part = bytes.subarray(done, done + most)
      const n = mapping
        ? this.#mapped(mapping, at, part, write)
        : this.#plain(at, part, write)
      done += n
      if (n < part.length) break
    }
    return done
  }

  #plain(at: bigint, part: Uint8Array, write: boolean): number {
    return write ? this.#rest.write(at, part) : this.#rest.read(at, part)
  }

  #mapped(mapping: Mapping, at: bigint, part: Uint8Array, write: boolean): number {
    const mm = this.#spaceOf(mapping)
    return mm ? access_nowait(mm, Number(at), part, write) : 0
  }
}
