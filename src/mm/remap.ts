// Putting a driver's memory into an area, all at once or page by page. Linux: mm/memory.c.

import { EBUSY, EFAULT, EINVAL, ENXIO } from '../include/linux/errno.ts'
import {
  type page,
  PAGE_ALIGN,
  PAGE_ALIGNED,
  type pgprot_t,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_FAULT_NOPAGE,
  VM_FAULT_SIGBUS,
  VM_IO,
  VM_MAYWRITE,
  VM_MIXEDMAP,
  VM_PFNMAP,
  VM_SHARED,
  type vm_area_struct,
  type vm_fault_t,
} from '../include/linux/mm.ts'
import { PAGE_SIZE } from '../include/linux/page.ts'
import type { errno_t, ref } from '../include/linux/types.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Page, PageFrames } from './page_frames.ts'
import type { Vma } from './vma.ts'
import type { Vmalloc } from './vmalloc.ts'

/** What a bus answers where no device is. */
const NOTHING_THERE = 0xff

interface Needs {
  frames: PageFrames
  vmalloc: Vmalloc
  traps: Pick<Traps, 'WARN_ON' | 'BUG_ON'>
}

export class Remap {
  static readonly EXPORT_SYMBOL = [
    'remap_pfn_range',
    'vm_iomap_memory',
    'vm_insert_page',
    'vm_insert_pages',
    'vm_map_pages',
    'vm_map_pages_zero',
    'vmf_insert_pfn',
    'remap_vmalloc_range',
    'remap_vmalloc_range_partial',
  ] as const
  static readonly EXPORT_SYMBOL_GPL = ['zap_vma_ptes'] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  remap_pfn_range(
    vma: vm_area_struct,
    addr: number,
    pfn: number,
    size: number,
    _prot: pgprot_t,
  ): errno_t {
    if (this.#needs.traps.WARN_ON(!PAGE_ALIGNED(addr))) return -EINVAL
    const area = vma as Vma
    const end = addr + PAGE_ALIGN(size)
    if (isCow(area)) {
      if (addr !== area.vm_start || end !== area.vm_end) return -EINVAL
      area.vm_pgoff = pfn
    }
    // Linux would write page tables of addresses that are not the area's.
    if (!area.contains(addr, end)) return -EINVAL
    area.vm_flags |= VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP
    for (let at = addr, n = pfn; at < end; at += PAGE_SIZE, n++)
      area.setEntry(at, this.#memoryAt(n), false, !isCow(area))
    return 0
  }

  vm_iomap_memory(vma: vm_area_struct, start: number, len: number): errno_t {
    const first = Math.floor(start / PAGE_SIZE)
    const pages = Math.ceil((len + (start % PAGE_SIZE)) / PAGE_SIZE)
    const { vm_start, vm_end, vm_pgoff, vm_page_prot } = vma
    if (len < 0 || vm_pgoff > pages) return -EINVAL
    const length = vm_end - vm_start
    if (length / PAGE_SIZE > pages - vm_pgoff) return -EINVAL
    return this.remap_pfn_range(vma, vm_start, first + vm_pgoff, length, vm_page_prot)
  }

  vm_insert_page(vma: vm_area_struct, addr: number, page: page): errno_t {
    const area = vma as Vma
    if (!area.contains(addr, addr + PAGE_SIZE)) return -EFAULT
    if (page._refcount <= 0) return -EINVAL
    if (!(area.vm_flags & VM_MIXEDMAP)) {
      this.#needs.traps.BUG_ON((area.vm_flags & VM_PFNMAP) !== 0)
      area.vm_flags |= VM_MIXEDMAP
    }
    if (area.entryAt(addr)) return -EBUSY
    page._refcount++
    area.setEntry(addr, page as Page, true, !isCow(area))
    return 0
  }

  vm_insert_pages(
    vma: vm_area_struct,
    addr: number,
    pages: readonly page[],
    num: ref<number>,
  ): errno_t {
    const total = num.value
    if (!(vma as Vma).contains(addr, addr + total * PAGE_SIZE)) return -EFAULT
    for (const [i, page] of pages.slice(0, total).entries()) {
      const err = this.vm_insert_page(vma, addr + i * PAGE_SIZE, page)
      if (err) return err
      num.value--
    }
    return 0
  }

  vm_map_pages(vma: vm_area_struct, pages: readonly page[], num: number): errno_t {
    return this.#mapPages(vma, pages, num, vma.vm_pgoff)
  }

  vm_map_pages_zero(vma: vm_area_struct, pages: readonly page[], num: number): errno_t {
    return this.#mapPages(vma, pages, num, 0)
  }

  vmf_insert_pfn(vma: vm_area_struct, addr: number, pfn: number): vm_fault_t {
    const area = vma as Vma
    this.#needs.traps.BUG_ON(!(area.vm_flags & (VM_PFNMAP | VM_MIXEDMAP)))
    if (!area.contains(addr, addr + PAGE_SIZE)) return VM_FAULT_SIGBUS
    if (!area.entryAt(addr)) area.setEntry(addr, this.#memoryAt(pfn), false, !isCow(area))
    return VM_FAULT_NOPAGE
  }

  remap_vmalloc_range(vma: vm_area_struct, addr: Uint8Array, pgoff: number): errno_t {
    const size = vma.vm_end - vma.vm_start
    return this.remap_vmalloc_range_partial(vma, vma.vm_start, addr, pgoff, size)
  }

  remap_vmalloc_range_partial(
    vma: vm_area_struct,
    uaddr: number,
    kaddr: Uint8Array,
    pgoff: number,
    size: number,
  ): errno_t {
    if (!PAGE_ALIGNED(uaddr) || !PAGE_ALIGNED(kaddr.byteOffset)) return -EINVAL
    const area = this.#needs.vmalloc.find_vm_area(kaddr)
    if (!area?.userMap) return -EINVAL
    const first = kaddr.byteOffset / PAGE_SIZE + pgoff
    const count = PAGE_ALIGN(size) / PAGE_SIZE
    if (pgoff < 0 || first + count > area.pages.length) return -EINVAL
    for (const [i, page] of area.pages.slice(first, first + count).entries()) {
      const err = this.vm_insert_page(vma, uaddr + i * PAGE_SIZE, page)
      if (err) return err
    }
    vma.vm_flags |= VM_DONTEXPAND | VM_DONTDUMP
    return 0
  }

  zap_vma_ptes(vma: vm_area_struct, address: number, size: number): void {
    const area = vma as Vma
    if (!area.contains(address, address + size) || !(area.vm_flags & VM_PFNMAP)) return
    area.zap(address, address + PAGE_ALIGN(size))
  }

  #mapPages(
    vma: vm_area_struct,
    pages: readonly page[],
    num: number,
    offset: number,
  ): errno_t {
    const count = (vma.vm_end - vma.vm_start) / PAGE_SIZE
    if (offset >= num || count > num - offset) return -ENXIO
    for (const [i, page] of pages.slice(offset, offset + count).entries()) {
      const err = this.vm_insert_page(vma, vma.vm_start + i * PAGE_SIZE, page)
      if (err) return err
    }
    return 0
  }

  #memoryAt(pfn: number): Page {
    const { frames } = this.#needs
    const nothing = () => new Uint8Array(PAGE_SIZE).fill(NOTHING_THERE)
    return frames.page_of(pfn) ?? frames.virt_to_page(nothing())
  }
}

/** Do writes there make copies? */
export function isCow({ vm_flags }: vm_area_struct): boolean {
  return (vm_flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE
}
