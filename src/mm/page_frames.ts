// The machine's memory by numbers: which page a byte is in, and which memory has a number.
// Linux: include/asm-generic/memory_model.h, mm/sparse.c.
//
// Memory is a Uint8Array, and most of it needs no number. A piece gets its page frame numbers when it
// is allocated as pages, or when somebody asks for the first time: then any memory of a driver has
// some, kmalloc()ed memory too. Pieces begin at the start of a page.

import type { page } from '../include/linux/mm_types.ts'
import { PAGE_SHIFT, PAGE_SIZE } from '../include/linux/page.ts'

/** Below are the first 16 MiB, which a PC needs for itself. */
const FIRST_PFN = 0x1000

/** Memory that was allocated at once. */
interface Piece {
  readonly first: number
  readonly pages: readonly Page[]
}

export class Page implements page {
  flags = 0
  private: unknown = undefined
  index = 0
  _refcount = 1
  /** In how many places of address spaces it is. */
  _mapcount = 0
  readonly pfn: number
  /** All memory of the piece that it is part of. */
  readonly memory: Uint8Array
  /** Where in `memory` it begins, in bytes. */
  readonly offset: number

  constructor(pfn: number, memory: Uint8Array, offset: number) {
    this.pfn = pfn
    this.memory = memory
    this.offset = offset
  }

  /** Its own bytes; fewer than PAGE_SIZE if its memory ends within it. */
  get bytes(): Uint8Array {
    return this.memory.subarray(this.offset, this.offset + PAGE_SIZE)
  }
}

export class PageFrames {
  readonly #pieces = new WeakMap<ArrayBufferLike, Piece>()
  readonly #numbers = new Map<number, WeakRef<Page>>()
  readonly #gone = new FinalizationRegistry<{ first: number; count: number }>(range =>
    this.#drop(range),
  )
  #next = FIRST_PFN

  /** The page that the first byte of `kaddr` is in. */
  virt_to_page(kaddr: Uint8Array): Page {
    const piece = this.#pieces.get(kaddr.buffer) ?? this.#add(kaddr.buffer)
    return piece.pages[kaddr.byteOffset >> PAGE_SHIFT] as Page
  }

  /** The page with that number, if it is memory. */
  page_of(pfn: number): Page | undefined {
    return this.#numbers.get(pfn)?.deref()
  }

  /** Throws a RangeError if there is none: the address of nothing. */
  pfn_to_page(pfn: number): Page {
    const page = this.page_of(pfn)
    if (!page) throw new RangeError(`No memory has the page frame number ${pfn}`)
    return page
  }

  page_to_pfn(page: page): number {
    return (page as Page).pfn
  }

  /** From the page on, all that was allocated with it. */
  page_address(page: page): Uint8Array {
    const { memory, offset } = page as Page
    return memory.subarray(offset)
  }

  __pa(kaddr: Uint8Array): number {
    return this.virt_to_page(kaddr).pfn * PAGE_SIZE + (kaddr.byteOffset % PAGE_SIZE)
  }

  __va(phys: number): Uint8Array {
    const page = this.pfn_to_page(Math.floor(phys / PAGE_SIZE))
    return this.page_address(page).subarray(phys % PAGE_SIZE)
  }

  /** The memory that `page` is part of has been freed: its numbers mean nothing any more. */
  forget(page: page): void {
    const { memory } = page as Page
    const piece = this.#pieces.get(memory.buffer)
    if (!piece) return
    this.#pieces.delete(memory.buffer)
    this.#drop({ first: piece.first, count: piece.pages.length })
  }

  #add(buffer: ArrayBufferLike): Piece {
    const memory = new Uint8Array(buffer)
    const count = Math.max(1, Math.ceil(memory.length / PAGE_SIZE))
    const first = this.#next
    this.#next += count
    const pages = Array.from(
      { length: count },
      (_, i) => new Page(first + i, memory, i * PAGE_SIZE),
    )
    for (const page of pages) this.#numbers.set(page.pfn, new WeakRef(page))
    const piece = { first, pages }
    this.#pieces.set(buffer, piece)
    this.#gone.register(buffer, { first, count })
    return piece
  }

  #drop({ first, count }: { first: number; count: number }): void {
    for (let i = 0; i < count; i++) this.#numbers.delete(first + i)
  }
}
