// An area of an address space and the pages that are in it: Linux's page tables, an area each.
// Linux: struct vm_area_struct, mm/memory.c.

import type { file } from '../include/linux/fs.ts'
import {
  type mm_struct,
  type page,
  type pgprot_t,
  VM_SHARED,
  type vm_area_struct,
  type vm_operations_struct,
} from '../include/linux/mm.ts'
import { PAGE_SIZE } from '../include/linux/page.ts'
import type { Page } from './page_frames.ts'

/** A page at a place of an area. */
export interface Entry {
  readonly page: Page
  /** Does the area hold a reference on it? */
  readonly counted: boolean
  /** May it be written without asking anybody? */
  writable: boolean
}

/** What Linux gives an area whose driver has set no operations: whatever is not there is SIGBUS. */
const dummy_vm_ops: vm_operations_struct = {}
const PAGE_SHARED: pgprot_t = { pgprot: 0x27 }

interface Place {
  start: number
  end: number
  pgoff: number
  filePgoff?: number
  flags: number
}

export class Vma implements vm_area_struct {
  vm_start: number
  vm_end: number
  vm_pgoff: number
  /** Where in the file it begins, in pages, whatever vm_pgoff has become. */
  readonly file_pgoff: number
  vm_flags: number
  vm_page_prot = PAGE_SHARED
  vm_ops: vm_operations_struct | null = dummy_vm_ops
  vm_private_data: unknown = undefined
  readonly vm_file: file
  readonly vm_mm: mm_struct
  /** By address. */
  readonly #entries = new Map<number, Entry>()
  readonly #put: (page: page) => void

  /** `put` gives a reference on a page back. */
  constructor(mm: mm_struct, file: file, place: Place, put: (page: page) => void) {
    this.vm_mm = mm
    this.vm_file = file
    this.vm_start = place.start
    this.vm_end = place.end
    this.vm_pgoff = place.pgoff
    this.file_pgoff = place.filePgoff ?? place.pgoff
    this.vm_flags = place.flags
    this.#put = put
  }

  /** Is all of [start, end) in it? */
  contains(start: number, end: number): boolean {
    return start >= this.vm_start && end <= this.vm_end
  }

  /** The page of the file that belongs at `address`. */
  pgoffAt(address: number): number {
    return this.vm_pgoff + Math.floor((address - this.vm_start) / PAGE_SIZE)
  }

  /** The address at which page `index` of the file is, if it is in here. */
  addressOf(index: number): number | undefined {
    const address = this.vm_start + (index - this.file_pgoff) * PAGE_SIZE
    return this.contains(address, address + PAGE_SIZE) ? address : undefined
  }

  entryAt(address: number): Entry | undefined {
    return this.#entries.get(pageOf(address))
  }

  /** Put a page there; with `counted`, the caller's reference goes with it. */
  setEntry(address: number, page: Page, counted: boolean, writable: boolean): Entry {
    const entry = { page, counted, writable }
    this.zap(address, address + PAGE_SIZE)
    page._mapcount++
    this.#entries.set(pageOf(address), entry)
    return entry
  }

  /** Take the pages of [start, end) out: who touches them asks again. */
  zap(start: number, end: number): void {
    if ((end - start) / PAGE_SIZE <= this.#entries.size) {
      for (let at = start; at < end; at += PAGE_SIZE) this.#drop(pageOf(at))
      return
    }
    for (const at of this.#entries.keys())
      if (at >= pageOf(start) && at < pageOf(end)) this.#drop(at)
  }

  /** The same area, in `mm`, as fork(2) makes it; private pages become the child's own. */
  copyTo(mm: mm_struct, copyPage: (page: Page) => Page): Vma {
    const place = {
      start: this.vm_start,
      end: this.vm_end,
      pgoff: this.vm_pgoff,
      filePgoff: this.file_pgoff,
      flags: this.vm_flags,
    }
    const copy = new Vma(mm, this.vm_file, place, this.#put)
    copy.takeOver(this)
    for (const [at, { page, counted, writable }] of this.#entries) {
      const own = writable && !(this.vm_flags & VM_SHARED)
      if (counted && !own) page._refcount++
      copy.setEntry(at * PAGE_SIZE, own ? copyPage(page) : page, counted, writable)
    }
    return copy
  }

  /** Cut it at `address`: this becomes what is before, the answer is the rest. */
  splitAt(address: number): Vma {
    const place = {
      start: address,
      end: this.vm_end,
      pgoff: this.pgoffAt(address),
      filePgoff: this.file_pgoff + pageOf(address - this.vm_start),
      flags: this.vm_flags,
    }
    const rest = new Vma(this.vm_mm, this.vm_file, place, this.#put)
    rest.takeOver(this)
    this.moveEntries(rest, address, this.vm_end, 0)
    this.vm_end = address
    return rest
  }

  /** Hand the pages of [start, end) to `to`, `by` bytes further on. */
  moveEntries(to: Vma, start: number, end: number, by: number): void {
    for (const [at, entry] of this.#entries) {
      if (at < pageOf(start) || at >= pageOf(end)) continue
      this.#entries.delete(at)
      to.#entries.set(at + pageOf(by), entry)
    }
  }

  /** It is at `start`, and all its pages with it. */
  moveTo(start: number): void {
    const by = start - this.vm_start
    const entries = [...this.#entries]
    this.#entries.clear()
    for (const [at, entry] of entries) this.#entries.set(at + pageOf(by), entry)
    this.vm_start += by
    this.vm_end += by
  }

  /** What a driver has set in `other`. */
  takeOver(other: Vma): void {
    this.vm_ops = other.vm_ops
    this.vm_private_data = other.vm_private_data
    this.vm_page_prot = other.vm_page_prot
  }

  #drop(at: number): void {
    const entry = this.#entries.get(at)
    if (!entry) return
    this.#entries.delete(at)
    entry.page._mapcount--
    if (entry.counted) this.#put(entry.page)
  }
}

const pageOf = (address: number): number => Math.floor(address / PAGE_SIZE)
