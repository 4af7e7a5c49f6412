// Memory that programs map: areas of their address spaces, and what drivers put there.
// Implemented in mm/remap.ts, mm/page_alloc.ts, mm/vmalloc.ts and mm/shmem.ts.
// Linux: include/linux/mm.h.
import type { PageAllocator } from '../../mm/page_alloc.ts'
import type { Remap } from '../../mm/remap.ts'
import type { SharedZeros } from '../../mm/shmem.ts'
import type { Vmalloc } from '../../mm/vmalloc.ts'
import { EBUSY } from './errno.ts'
import {
  type page,
  type vm_area_struct,
  VM_FAULT_NOPAGE,
  VM_FAULT_SIGBUS,
  type vm_fault,
  type vm_fault_t,
} from './mm_types.ts'
import { PAGE_MASK, PAGE_SIZE, page_to_virt } from './page.ts'
import type { errno_t, MaybePromise } from './types.ts'

export * from './gfp.ts'
export * from './mm_types.ts'
export * from './page.ts'

export const VM_NONE = 0
export const VM_READ = 0x1
export const VM_WRITE = 0x2
export const VM_EXEC = 0x4
/** What is written there, others see. */
export const VM_SHARED = 0x8
/** May mprotect(2) set VM_READ, and so on? */
export const VM_MAYREAD = 0x10
export const VM_MAYWRITE = 0x20
export const VM_MAYEXEC = 0x40
export const VM_MAYSHARE = 0x80
/** Its pages are known by their numbers only. */
export const VM_PFNMAP = 0x400
export const VM_LOCKED = 0x2000
export const VM_IO = 0x4000
/** A child of fork(2) does not get it. */
export const VM_DONTCOPY = 0x20000
/** mremap(2) cannot make it longer. */
export const VM_DONTEXPAND = 0x40000
export const VM_NORESERVE = 0x200000
export const VM_DONTDUMP = 0x4000000
/** Some of its pages are known by their numbers only. */
export const VM_MIXEDMAP = 0x10000000

/** What a driver does with an area that maps its memory. All are optional. */
export interface vm_operations_struct {
  /** There is one more: after fork(2), or where one was cut in two. Not called by mmap(2) itself. */
  open?(vma: vm_area_struct): void
  /** It is unmapped. */
  close?(vma: vm_area_struct): void
  /** May it be cut in two at `addr`? */
  may_split?(vma: vm_area_struct, addr: number): errno_t
  /** It was moved to other addresses. */
  mremap?(vma: vm_area_struct): errno_t
  /** A page is touched that is not there: find it, take a reference, put it in `vmf.page`. */
  fault?(vmf: vm_fault): MaybePromise<vm_fault_t>
  /** A page of a shared area is about to be written for the first time. */
  page_mkwrite?(vmf: vm_fault): MaybePromise<vm_fault_t>
  /** A debugger reads or writes `len` bytes of memory that has no pages; how many it could. */
  access?(
    vma: vm_area_struct,
    addr: number,
    buf: Uint8Array,
    len: number,
    write: boolean,
  ): number
}

export const PAGE_ALIGN = (addr: number): number =>
  Math.ceil(addr / PAGE_SIZE) * PAGE_SIZE
export const PAGE_ALIGN_DOWN = (addr: number): number =>
  Math.floor(addr / PAGE_SIZE) * PAGE_SIZE
export const PAGE_ALIGNED = (addr: number): boolean => addr % PAGE_SIZE === 0
/** Where within its page an address is. */
export const offset_in_page = (addr: number): number => addr & ~PAGE_MASK

/** How many pages an area spans. */
export const vma_pages = (vma: vm_area_struct): number =>
  (vma.vm_end - vma.vm_start) / PAGE_SIZE
export const vm_flags_set = (vma: vm_area_struct, flags: number): void => {
  vma.vm_flags |= flags
}
export const vm_flags_clear = (vma: vm_area_struct, flags: number): void => {
  vma.vm_flags &= ~flags
}
/** Its pages are zeros of the process's own: no driver is asked for them. */
export const vma_set_anonymous = (vma: vm_area_struct): void => {
  vma.vm_ops = null
}
export const vma_is_anonymous = (vma: vm_area_struct): boolean => vma.vm_ops === null

/** The memory of a page, and of those behind it that were allocated with it. */
export const page_address = (page: page): Uint8Array => page_to_virt(page)
/** 2**n of pages hold `size` bytes: n. */
export const get_order = (size: number): number =>
  Math.max(0, Math.ceil(Math.log2(size / PAGE_SIZE)))

/** @internal Nobody refers to the page any more. */
export declare const __folio_put: PageAllocator['__folio_put']

/** One more user of the page. */
export const get_page = (page: page): void => {
  page._refcount++
}
/** One user less; the last one frees it. */
export const put_page = (page: page): void => {
  if (--page._refcount <= 0) __folio_put(page)
}
export const page_count = (page: page): number => page._refcount
/** In how many places of address spaces it is mapped. */
export const page_mapcount = (page: page): number => page._mapcount

const PG_reserved = 1 << 14
export const SetPageReserved = (page: page): void => {
  page.flags |= PG_reserved
}
export const ClearPageReserved = (page: page): void => {
  page.flags &= ~PG_reserved
}
export const PageReserved = (page: page): boolean => (page.flags & PG_reserved) !== 0

/** The page that the first byte of vmalloc()ed memory is in. */
export declare const vmalloc_to_page: Vmalloc['vmalloc_to_page']
/** Its number. */
export declare const vmalloc_to_pfn: Vmalloc['vmalloc_to_pfn']
/** Was it vmalloc() that gave this memory? */
export declare const is_vmalloc_addr: Vmalloc['is_vmalloc_addr']

/**
 * `size` bytes of an area, from the address `addr` on, are to be the memory from page `pfn` on; 0, or
 * -EINVAL if `addr` is not where a page begins, or only a part of a private area were mapped.
 */
export declare const remap_pfn_range: Remap['remap_pfn_range']
/** As remap_pfn_range(), of a device's memory. */
export const io_remap_pfn_range: Remap['remap_pfn_range'] = (...args) =>
  remap_pfn_range(...args)
/** An area, wherever it begins, is to be the `len` bytes at the physical address `start`; 0 or -EINVAL. */
export declare const vm_iomap_memory: Remap['vm_iomap_memory']
/** One page into an area; 0, -EFAULT outside of it, -EBUSY if there is one, -EINVAL if it is free. */
export declare const vm_insert_page: Remap['vm_insert_page']
/** As vm_insert_page(), of `num` pages; `num` becomes how many were not inserted. */
export declare const vm_insert_pages: Remap['vm_insert_pages']
/** All of an area, from its vm_pgoff on, is to be these pages; 0, or -ENXIO if it is longer. */
export declare const vm_map_pages: Remap['vm_map_pages']
/** As vm_map_pages(), whatever its vm_pgoff is. */
export declare const vm_map_pages_zero: Remap['vm_map_pages_zero']
/** In fault(): page number `pfn` at `addr`; what fault() is to return. */
export declare const vmf_insert_pfn: Remap['vmf_insert_pfn']
/** In fault(): a page at `addr`; what fault() is to return. */
export const vmf_insert_page = (
  vma: vm_area_struct,
  addr: number,
  page: page,
): vm_fault_t => {
  const err = vm_insert_page(vma, addr, page)
  return err === 0 || err === -EBUSY ? VM_FAULT_NOPAGE : VM_FAULT_SIGBUS
}
/** The pages of a part of an area are to be asked for again when they are touched. */
export declare const zap_vma_ptes: Remap['zap_vma_ptes']
/** In mmap(): a shared area is to be zeros that only its processes share; 0. */
export declare const shmem_zero_setup: SharedZeros['shmem_zero_setup']
