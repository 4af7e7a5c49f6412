// Memory of any size, in pages. Linux: mm/vmalloc.c.

import { PAGE_SIZE } from '../include/linux/page.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Page, PageFrames } from './page_frames.ts'

/** What a machine may hand out at once, in bytes: more is a mistake in the driver's arithmetic. */
const VMALLOC_TOTAL = 1 << 30

/** Memory that vmalloc() gave and nobody has freed. */
export interface VmArea {
  readonly pages: readonly Page[]
  /** May programs map it with remap_vmalloc_range()? */
  readonly userMap: boolean
}

export class Vmalloc {
  static readonly EXPORT_SYMBOL = [
    'vmalloc',
    'vzalloc',
    'vmalloc_user',
    'vmalloc_32',
    'vmalloc_32_user',
    'vfree',
    'vmalloc_to_page',
    'vmalloc_to_pfn',
    'is_vmalloc_addr',
  ] as const

  readonly #frames: PageFrames
  readonly #traps: Pick<Traps, 'WARN'>
  readonly #areas = new Map<ArrayBufferLike, VmArea>()

  constructor(frames: PageFrames, traps: Pick<Traps, 'WARN'>) {
    this.#frames = frames
    this.#traps = traps
  }

  vmalloc(size: number): Uint8Array | null {
    return this.#alloc(size, false)
  }

  vzalloc(size: number): Uint8Array | null {
    return this.#alloc(size, false)
  }

  vmalloc_user(size: number): Uint8Array | null {
    return this.#alloc(size, true)
  }

  vmalloc_32(size: number): Uint8Array | null {
    return this.#alloc(size, false)
  }

  vmalloc_32_user(size: number): Uint8Array | null {
    return this.#alloc(size, true)
  }

  vfree(addr: Uint8Array | null): void {
    if (!addr) return
    const area = this.find_vm_area(addr)
    const [first] = area?.pages ?? []
    if (!first) {
      this.#traps.WARN(true, 'Trying to vfree() nonexistent vm area (%p)\n', addr)
      return
    }
    this.#areas.delete(addr.buffer)
    this.#frames.forget(first)
  }

  /** The page that the first byte of `addr` is in. */
  vmalloc_to_page(addr: Uint8Array): Page {
    return this.#frames.virt_to_page(addr)
  }

  vmalloc_to_pfn(addr: Uint8Array): number {
    return this.vmalloc_to_page(addr).pfn
  }

  is_vmalloc_addr(addr: Uint8Array): boolean {
    return this.#areas.has(addr.buffer)
  }

  find_vm_area(addr: Uint8Array): VmArea | undefined {
    return this.#areas.get(addr.buffer)
  }

  #alloc(size: number, userMap: boolean): Uint8Array | null {
    if (!(size > 0 && size <= VMALLOC_TOTAL)) return null
    const count = Math.ceil(size / PAGE_SIZE)
    const memory = new Uint8Array(count * PAGE_SIZE)
    const pages = Array.from({ length: count }, (_, i) =>
      this.#frames.virt_to_page(memory.subarray(i * PAGE_SIZE)),
    )
    this.#areas.set(memory.buffer, { pages, userMap })
    return memory.subarray(0, size)
  }
}
