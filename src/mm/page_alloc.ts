// Whole pages for whoever asks, and who still uses them. Linux: mm/page_alloc.c, mm/swap.c.

import { __GFP_ZERO } from '../include/linux/gfp.ts'
import type { page } from '../include/linux/mm_types.ts'
import { PAGE_SIZE } from '../include/linux/page.ts'
import { KERN_ALERT, KERN_WARNING } from '../include/linux/printk.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Printk } from '../kernel/printk.ts'
import type { Scheduler } from '../kernel/sched.ts'
import { TAINT_BAD_PAGE, type Taints } from '../kernel/taint.ts'
import type { Page, PageFrames } from './page_frames.ts'

/** One more than the largest order there is. */
const MAX_ORDER = 11

interface Needs {
  frames: PageFrames
  log: Pick<Printk, 'printk'>
  traps: Pick<Traps, 'dump_stack'>
  taints: Pick<Taints, 'add_taint'>
  sched: Pick<Scheduler, 'current'>
}

export class PageAllocator {
  static readonly EXPORT_SYMBOL = [
    'alloc_pages',
    '__get_free_pages',
    'get_zeroed_page',
    '__free_pages',
    'free_pages',
    '__folio_put',
    'vmemmap_base',
  ] as const

  readonly vmemmap_base: PageFrames
  readonly #needs: Needs
  /** The first page of each allocation: what nobody frees stays, as on Linux. */
  readonly #allocated = new Set<Page>()

  constructor(needs: Needs) {
    this.#needs = needs
    this.vmemmap_base = needs.frames
  }

  /** How many allocations have not been freed. */
  get count(): number {
    return this.#allocated.size
  }

  alloc_pages(_gfp: number, order: number): Page | null {
    if (!(order >= 0 && order < MAX_ORDER)) return null
    const page = this.vmemmap_base.virt_to_page(new Uint8Array(PAGE_SIZE << order))
    this.#allocated.add(page)
    return page
  }

  __get_free_pages(gfp: number, order: number): Uint8Array | null {
    return this.alloc_pages(gfp, order)?.memory ?? null
  }

  get_zeroed_page(gfp: number): Uint8Array | null {
    return this.__get_free_pages(gfp | __GFP_ZERO, 0)
  }

  __free_pages(page: page, _order: number): void {
    const freed = page as Page
    if (freed._refcount <= 0) return this.#bad_page(freed)
    if (--freed._refcount === 0) this.__folio_put(freed)
  }

  free_pages(addr: Uint8Array | null, order: number): void {
    if (addr) this.__free_pages(this.vmemmap_base.virt_to_page(addr), order)
  }

  put_page(page: page): void {
    if (--page._refcount <= 0) this.__folio_put(page)
  }

  /** Nobody refers to `page` any more. */
  __folio_put(page: page): void {
    if ((page as Page)._refcount < 0) return this.#bad_page(page as Page)
    if (this.#allocated.delete(page as Page)) this.vmemmap_base.forget(page)
  }

  #bad_page({ pfn, _refcount, _mapcount }: Page): void {
    const { log, traps, taints, sched } = this.#needs
    log.printk(
      `${KERN_ALERT}BUG: Bad page state in process %s  pfn:%05lx\n`,
      sched.current.comm,
      pfn,
    )
    log.printk(
      `${KERN_WARNING}page: refcount:%d mapcount:%d pfn:0x%lx\n`,
      _refcount,
      _mapcount,
      pfn,
    )
    traps.dump_stack()
    taints.add_taint(TAINT_BAD_PAGE, { lockdepOk: false })
  }
}
