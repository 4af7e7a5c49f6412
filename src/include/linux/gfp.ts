// Whole pages. Implemented in mm/page_alloc.ts. Linux: include/linux/gfp.h, gfp_types.h.
import type { PageAllocator } from '../../mm/page_alloc.ts'
import type { page } from './mm_types.ts'

// How to get memory. All are the same here, where there is always enough, but for __GFP_ZERO.
export const __GFP_DMA = 0x1
export const __GFP_HIGHMEM = 0x2
export const __GFP_DMA32 = 0x4
export const __GFP_ZERO = 0x100
export const __GFP_NOWARN = 0x2000
export const __GFP_COMP = 0x40000
export const GFP_KERNEL = 0xcc0
/** For code that may not sleep. */
export const GFP_ATOMIC = 0xa20
export const GFP_NOWAIT = 0x800
export const GFP_NOIO = 0xc00
export const GFP_NOFS = 0xc40
/** For memory that programs will map. */
export const GFP_USER = 0x100cc0
export const GFP_HIGHUSER = 0x100cc2
export const GFP_DMA = __GFP_DMA
export const GFP_DMA32 = __GFP_DMA32

/** 2**order pages in a row: the first of them, or null if that is too much. */
export declare const alloc_pages: PageAllocator['alloc_pages']
export const alloc_page = (gfp: number): page | null => alloc_pages(gfp, 0)
/** As alloc_pages(), but their memory; null if that is too much. */
export declare const __get_free_pages: PageAllocator['__get_free_pages']
export const __get_free_page = (gfp: number): Uint8Array | null =>
  __get_free_pages(gfp, 0)
/** A page of zeros: its memory. */
export declare const get_zeroed_page: PageAllocator['get_zeroed_page']
/** Give back what alloc_pages() gave; what others still hold with get_page() stays theirs. */
export declare const __free_pages: PageAllocator['__free_pages']
export const __free_page = (page: page): void => __free_pages(page, 0)
/** Give back what __get_free_pages() gave; null is all right. */
export declare const free_pages: PageAllocator['free_pages']
export const free_page = (addr: Uint8Array | null): void => free_pages(addr, 0)
