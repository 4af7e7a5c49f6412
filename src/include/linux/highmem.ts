// Addresses for pages. All pages have one here. Linux: include/linux/highmem.h.
import type { page } from './mm_types.ts'
import { PAGE_SIZE, page_to_virt } from './page.ts'

/** The memory of a page. */
export const kmap = (page: page): Uint8Array => page_to_virt(page)
export const kunmap = (_page: page): void => {}
/** The memory of a page, for this task and a short time. */
export const kmap_local_page = kmap
export const kunmap_local = (_addr: Uint8Array): void => {}
export const kmap_atomic = kmap
export const kunmap_atomic = kunmap_local
/** Write zeros over a page. */
export const clear_highpage = (page: page): void => {
  kmap(page).fill(0, 0, PAGE_SIZE)
}
