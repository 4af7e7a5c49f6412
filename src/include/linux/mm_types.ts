// Pages, areas of an address space, and what a page fault answers. Linux: include/linux/mm_types.h.
import type { file } from './fs.ts'
import type { vm_operations_struct } from './mm.ts'

/** One page of the machine's memory. */
export interface page {
  /** PG_*, as bits. */
  flags: number
  /** For whoever uses the page. */
  private: unknown
  /** For whoever uses the page: C's `page->index`. */
  index: number
  /** @internal see get_page() */
  _refcount: number
  /** @internal see page_mapcount() */
  _mapcount: number
}

/** An address space: the memory of one process. */
export interface mm_struct {
  /** How many pages its areas span. */
  readonly total_vm: number
}

/** A stretch of addresses of a process, as mmap(2) makes it. Addresses are numbers here, in bytes. */
export interface vm_area_struct {
  readonly vm_start: number
  /** The first address behind it. */
  readonly vm_end: number
  /** Where in the file it begins, in pages. */
  vm_pgoff: number
  /** VM_READ | VM_WRITE | … */
  vm_flags: number
  /** How its pages may be accessed: hand it on to remap_pfn_range(). */
  vm_page_prot: pgprot_t
  vm_ops: vm_operations_struct | null
  vm_private_data: unknown
  readonly vm_file: file | null
  readonly vm_mm: mm_struct
}

/** Opaque, as in C: memory is always cached here. */
export interface pgprot_t {
  readonly pgprot: number
}

/** A page fault, as fault() sees it. */
export interface vm_fault {
  readonly vma: vm_area_struct
  /** FAULT_FLAG_* */
  readonly flags: number
  /** Which page of the file, in pages: that of the area's start plus `vm_pgoff`. */
  readonly pgoff: number
  /** Of the page, in the process: a multiple of PAGE_SIZE. */
  readonly address: number
  /** What fault() answers with, together with a reference on it. */
  page: page | null
}

/** VM_FAULT_*, as bits; 0 says that `vmf.page` is the page. */
export type vm_fault_t = number

export const VM_FAULT_OOM = 0x1
/** There is no such memory: the program gets SIGBUS. */
export const VM_FAULT_SIGBUS = 0x2
export const VM_FAULT_MAJOR = 0x4
export const VM_FAULT_HWPOISON = 0x10
/** The program gets SIGSEGV. */
export const VM_FAULT_SIGSEGV = 0x40
/** The driver has put the page there itself, with vmf_insert_pfn() or the like. */
export const VM_FAULT_NOPAGE = 0x100
/** The page comes locked. */
export const VM_FAULT_LOCKED = 0x200
export const VM_FAULT_RETRY = 0x400
export const VM_FAULT_ERROR =
  VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV | VM_FAULT_HWPOISON

/** The program wants to write. */
export const FAULT_FLAG_WRITE = 0x1
export const FAULT_FLAG_MKWRITE = 0x2
export const FAULT_FLAG_ALLOW_RETRY = 0x4
export const FAULT_FLAG_USER = 0x40
