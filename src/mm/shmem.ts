// Memory of zeros that belongs to one mmap(2) and its children. Linux: mm/shmem.c.

import type { vm_area_struct, vm_operations_struct } from '../include/linux/mm.ts'
import { PAGE_SIZE } from '../include/linux/page.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Page, PageFrames } from './page_frames.ts'

export class SharedZeros {
  static readonly EXPORT_SYMBOL_GPL = ['shmem_zero_setup'] as const

  readonly #frames: PageFrames

  constructor(frames: PageFrames) {
    this.#frames = frames
  }

  shmem_zero_setup(vma: vm_area_struct): errno_t {
    vma.vm_ops = this.#operations(new Map())
    return 0
  }

  /** `pages` are what has been touched, by where they are in the file. */
  #operations(pages: Map<number, Page>): vm_operations_struct {
    return {
      fault: vmf => {
        let page = pages.get(vmf.pgoff)
        if (!page) {
          page = this.#frames.virt_to_page(new Uint8Array(PAGE_SIZE))
          pages.set(vmf.pgoff, page)
        }
        page._refcount++
        vmf.page = page
        return 0
      },
    }
  }
}
