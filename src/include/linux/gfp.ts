// Whole pages. Implemented in mm/page_alloc.ts. Linux: include/linux/gfp.h, gfp_types.h.
import type { PageAllocator } from '../../mm/page_alloc.ts'
import type { page } from './mm_types.ts'

// How to get memory. Here there is always enough, so all are the same but for __GFP_NOWARN.
export type gfp_t = number

export const __GFP_DMA = 0x1
export const __GFP_HIGHMEM = 0x2
export const __GFP_DMA32 = 0x4
export const __GFP_HIGH = 0x20
export const __GFP_IO = 0x40
export const __GFP_FS = 0x80
export const __GFP_ZERO = 0x100
export const __GFP_ATOMIC = 0x200
export const __GFP_DIRECT_RECLAIM = 0x400
export const __GFP_KSWAPD_RECLAIM = 0x800
export const __GFP_RECLAIM = __GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM
/** No message when it fails. */
export const __GFP_NOWARN = 0x2000
export const __GFP_RETRY_MAYFAIL = 0x4000
export const __GFP_NOFAIL = 0x8000
export const __GFP_NORETRY = 0x10000
export const __GFP_COMP = 0x40000
export const __GFP_HARDWALL = 0x100000
export const __GFP_ACCOUNT = 0x400000

/** For code that may not sleep. */
export const GFP_ATOMIC = __GFP_HIGH | __GFP_ATOMIC | __GFP_KSWAPD_RECLAIM
/** The usual: it may sleep. */
export const GFP_KERNEL = __GFP_RECLAIM | __GFP_IO | __GFP_FS
export const GFP_KERNEL_ACCOUNT = GFP_KERNEL | __GFP_ACCOUNT
export const GFP_NOWAIT = __GFP_KSWAPD_RECLAIM
export const GFP_NOIO = __GFP_RECLAIM
export const GFP_NOFS = __GFP_RECLAIM | __GFP_IO
export const GFP_USER = GFP_KERNEL | __GFP_HARDWALL
export const GFP_DMA = __GFP_DMA
export const GFP_DMA32 = __GFP_DMA32
export const GFP_HIGHUSER = GFP_USER | __GFP_HIGHMEM

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
