// Sizes of pages, and the ways between memory, its pages and their numbers.
// Implemented in mm/page_frames.ts. Linux: arch/x86/include/asm/page.h, include/asm-generic/memory_model.h.
//
// What C computes from an address has to be looked up here: memory is a Uint8Array, and gets page
// frame numbers when somebody asks for them.
import type { PageFrames } from '../../mm/page_frames.ts'
import type { page } from './mm_types.ts'
import { bytesOf, type void_ptr } from './void_ptr.ts'

export const PAGE_SHIFT = 12
/** Bytes of a page. */
export const PAGE_SIZE = 1 << PAGE_SHIFT
export const PAGE_MASK = ~(PAGE_SIZE - 1)

/** @internal The pages of the machine; on Linux the address at which their `struct page`s begin. */
export declare const vmemmap_base: PageFrames

/** The page that the first byte of `kaddr` is in. */
export const virt_to_page = (kaddr: void_ptr): page =>
  vmemmap_base.virt_to_page(bytesOf(kaddr))
/** The memory of a page, and of those behind it that were allocated with it. */
export const page_to_virt = (page: page): Uint8Array => vmemmap_base.page_address(page)
/** The number of a page. */
export const page_to_pfn = (page: page): number => vmemmap_base.page_to_pfn(page)
/** The page with a number. Ask pfn_valid() before, if it can be any number. */
export const pfn_to_page = (pfn: number): page => vmemmap_base.pfn_to_page(pfn)
/** Is there memory with that number? */
export const pfn_valid = (pfn: number): boolean => vmemmap_base.page_of(pfn) !== undefined
export const virt_to_pfn = (kaddr: void_ptr): number => page_to_pfn(virt_to_page(kaddr))
/** Is this memory of the kernel? All that a driver can hold is. */
export const virt_addr_valid = (kaddr: unknown): boolean => ArrayBuffer.isView(kaddr)

/** The physical address of memory, in bytes: its first byte's. */
export const __pa = (kaddr: void_ptr): number => vmemmap_base.__pa(bytesOf(kaddr))
/** The memory at a physical address, as far as it was allocated in one piece. */
export const __va = (phys: number): Uint8Array => vmemmap_base.__va(phys)
