// Memory of any size, in pages. Implemented in mm/vmalloc.ts and mm/remap.ts.
// Linux: include/linux/vmalloc.h.
import type { Remap } from '../../mm/remap.ts'
import type { Vmalloc } from '../../mm/vmalloc.ts'

/** `size` bytes, from the start of a page on; null if it is 0 or too much. */
export declare const vmalloc: Vmalloc['vmalloc']
/** As vmalloc(), zeroed. */
export declare const vzalloc: Vmalloc['vzalloc']
/** As vzalloc(), for remap_vmalloc_range(). */
export declare const vmalloc_user: Vmalloc['vmalloc_user']
/** As vmalloc(). */
export declare const vmalloc_32: Vmalloc['vmalloc_32']
/** As vmalloc_user(). */
export declare const vmalloc_32_user: Vmalloc['vmalloc_32_user']
/** Give it back; null is all right. */
export declare const vfree: Vmalloc['vfree']

/** All of an area is to be memory of vmalloc_user(), from its page `pgoff` on; 0 or -EINVAL. */
export declare const remap_vmalloc_range: Remap['remap_vmalloc_range']
/** As remap_vmalloc_range(), for `size` bytes at the address `uaddr` of the area. */
export declare const remap_vmalloc_range_partial: Remap['remap_vmalloc_range_partial']
