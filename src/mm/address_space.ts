// The memory that a process has mapped: mmap(2), munmap(2), fork(2), exit(2). Linux: mm/mmap.c,
// kernel/fork.c.

import { callDriver } from '../fs/driver_call.ts'
import { EINVAL, ENOMEM } from '../include/linux/errno.ts'
import type { file } from '../include/linux/fs.ts'
import {
  type mm_struct,
  PAGE_ALIGN,
  VM_DONTCOPY,
  VM_FAULT_SIGSEGV,
} from '../include/linux/mm.ts'
import { PAGE_SIZE } from '../include/linux/page.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import { MAP_FIXED } from '../include/uapi/mman.ts'
import type { Traps } from '../kernel/panic.ts'
import { isPromise } from '../lib/steps.ts'
import type { Faults, Found } from './fault.ts'
import { checkMmap, type MmapArguments, vmFlags } from './mmap_check.ts'
import type { PageAllocator } from './page_alloc.ts'
import { Vma } from './vma.ts'

/** Where areas go if nobody says: from here down, as on x86-64. */
const MMAP_BASE = 0x7ffff7fff000
/** Nothing is mapped below: a bad pointer should not hit anything. */
const LOWEST = 0x10000

/** What address spaces share. */
export interface MemoryNeeds {
  traps: Traps
  faults: Faults
  pages: PageAllocator
  /** An area holds its file open. */
  get_file: (file: file) => void
  /** The last one releases it. */
  fput: (file: file) => void
}

export class AddressSpace implements mm_struct {
  readonly needs: MemoryNeeds
  /** By address, lowest first. */
  readonly #areas: Vma[] = []

  constructor(needs: MemoryNeeds) {
    this.needs = needs
  }

  get total_vm(): number {
    return this.#areas.reduce((sum, vma) => sum + sizeOf(vma) / PAGE_SIZE, 0)
  }

  get areas(): readonly Vma[] {
    return this.#areas
  }

  /** The area that `address` is in. */
  find_vma(address: number): Vma | undefined {
    return this.#areas.find(vma => vma.contains(address, address + 1))
  }

  /** What the process finds at `address`, as its instructions do. */
  touch(address: number, write: boolean): MaybePromise<Found> {
    const vma = this.find_vma(address)
    if (!vma) return VM_FAULT_SIGSEGV
    return this.needs.faults.handle_mm_fault(vma, address, write)
  }

  /** The address, or an error. */
  mmap(file: file, args: MmapArguments): MaybePromise<number> {
    const err = checkMmap(file, args)
    if (err) return err
    const length = PAGE_ALIGN(args.length)
    const fixed = (args.flags & MAP_FIXED) !== 0
    const start = fixed ? (args.addr ?? 0) : this.freeRange(length)
    if (start < LOWEST) return -ENOMEM
    if (fixed) this.munmap(start, length)
    const mapped = this.map_region(file, {
      start,
      end: start + length,
      pgoff: (args.offset ?? 0) / PAGE_SIZE,
      flags: vmFlags(file, args),
    })
    const place = (vma: Vma | errno_t) => (typeof vma === 'number' ? vma : vma.vm_start)
    return isPromise(mapped) ? mapped.then(place) : place(mapped)
  }

  /** Have the driver map a range that is free: the area, or its error. */
  map_region(
    file: file,
    place: { start: number; end: number; pgoff: number; flags: number },
  ): MaybePromise<Vma | errno_t> {
    const { traps, pages, get_file, fput } = this.needs
    const vma = new Vma(this, file, place, page => pages.put_page(page))
    get_file(file)
    const mapped = (err: errno_t): Vma | errno_t => {
      if (err === 0) return this.add(vma)
      vma.zap(vma.vm_start, vma.vm_end)
      fput(file)
      return err
    }
    const err = callDriver(traps, () => file.f_op.mmap?.(file, vma))
    return typeof err === 'number' ? mapped(err) : err.then(mapped)
  }

  munmap(start: number, length: number): errno_t {
    const end = start + PAGE_ALIGN(length)
    if (start % PAGE_SIZE !== 0 || length <= 0) return -EINVAL
    const err = this.isolate(start, end)
    if (err) return err
    for (const vma of this.within(start, end)) this.remove(vma)
    return 0
  }

  /** The address space of a child: the same areas, of which drivers are told. */
  fork(): AddressSpace {
    const child = new AddressSpace(this.needs)
    const { faults, get_file } = this.needs
    for (const vma of this.#areas) {
      if (vma.vm_flags & VM_DONTCOPY) continue
      get_file(vma.vm_file)
      const copy = child.add(vma.copyTo(child, page => faults.copyOf(page)))
      this.tell(() => copy.vm_ops?.open?.(copy))
    }
    return child
  }

  /** The process has ended. */
  exit(): void {
    for (const vma of this.#areas.slice()) this.remove(vma)
  }

  /** All areas from `start` to `end`, of which none reaches beyond after isolate(). */
  within(start: number, end: number): Vma[] {
    return this.#areas.filter(({ vm_start, vm_end }) => vm_start < end && vm_end > start)
  }

  /** Cut areas in two where [start, end) begins and ends; 0, or a driver's refusal. */
  isolate(start: number, end: number): errno_t {
    return this.#splitAt(start) || this.#splitAt(end)
  }

  add(vma: Vma): Vma {
    const at = this.#areas.findIndex(({ vm_start }) => vm_start > vma.vm_start)
    this.#areas.splice(at < 0 ? this.#areas.length : at, 0, vma)
    return vma
  }

  /** An area of this space turns out to be at `start`. */
  relocate(vma: Vma, start: number): void {
    if (start === vma.vm_start) return
    this.#areas.splice(this.#areas.indexOf(vma), 1)
    vma.moveTo(start)
    this.add(vma)
  }

  remove(vma: Vma): void {
    this.#areas.splice(this.#areas.indexOf(vma), 1)
    vma.zap(vma.vm_start, vma.vm_end)
    this.tell(() => vma.vm_ops?.close?.(vma))
    this.needs.fput(vma.vm_file)
  }

  /** Where `length` bytes are free, from the top. */
  freeRange(length: number): number {
    let top = MMAP_BASE
    for (const { vm_start, vm_end } of this.#areas.toReversed()) {
      if (vm_end <= top && top - vm_end >= length) break
      top = Math.min(top, vm_start)
    }
    return top - length
  }

  /** Call what answers nothing; an exception is an oops. */
  tell(call: () => void): void {
    void callDriver(this.needs.traps, () => {
      call()
      return 0
    })
  }

  #splitAt(address: number): errno_t {
    const vma = this.find_vma(address)
    if (!vma || vma.vm_start === address) return 0
    const err = vma.vm_ops?.may_split?.(vma, address) ?? 0
    if (err) return err
    this.needs.get_file(vma.vm_file)
    const rest = this.add(vma.splitAt(address))
    this.tell(() => rest.vm_ops?.open?.(rest))
    return 0
  }
}

export function sizeOf({ vm_start, vm_end }: Vma): number {
  return vm_end - vm_start
}
