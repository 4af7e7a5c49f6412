// Memory whose place relative to the machine's pages is known.

import type { Koffi } from './koffi.ts'

const PAGE = 4096

export class Pages {
  readonly #koffi: Koffi

  constructor(koffi: Koffi) {
    this.#koffi = koffi
  }

  /** `size` zeroed bytes; byte number `payload` is the first of a page. */
  alignedAt(size: number, payload: number): Uint8Array {
    const memory = new Uint8Array(size + PAGE)
    const address = Number(this.#koffi.address(memory) % BigInt(PAGE))
    const start = (2 * PAGE - ((address + payload) % PAGE)) % PAGE
    return memory.subarray(start, start + size)
  }
}
