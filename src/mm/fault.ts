// A program touches an address: which page is there, and may it. Linux: mm/memory.c,
// arch/x86/mm/fault.c.

import { callDriver } from '../fs/driver_call.ts'
import {
  FAULT_FLAG_MKWRITE,
  FAULT_FLAG_USER,
  FAULT_FLAG_WRITE,
  VM_FAULT_ERROR,
  VM_FAULT_NOPAGE,
  VM_FAULT_SIGBUS,
  VM_FAULT_SIGSEGV,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
  type vm_fault,
  type vm_fault_t,
} from '../include/linux/mm.ts'
import { PAGE_SIZE } from '../include/linux/page.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import type { Traps } from '../kernel/panic.ts'
import { runSteps, settled, type Steps } from '../lib/steps.ts'
import { Page, type PageFrames } from './page_frames.ts'
import type { Entry, Vma } from './vma.ts'

interface Needs {
  frames: PageFrames
  traps: Traps
}

/** What is there, or why nothing is: VM_FAULT_SIGBUS or VM_FAULT_SIGSEGV. */
export type Found = Entry | vm_fault_t

type FaultHandler = 'fault' | 'page_mkwrite'

export class Faults {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** What a program finds at `address`, which is in `vma`. */
  handle_mm_fault(vma: Vma, address: number, write: boolean): MaybePromise<Found> {
    if (!(vma.vm_flags & (write ? VM_WRITE : VM_READ | VM_WRITE))) return VM_FAULT_SIGSEGV
    const entry = vma.entryAt(address)
    if (entry && (!write || entry.writable)) return entry
    return runSteps(this.#fault(vma, address - (address % PAGE_SIZE), write))
  }

  /** A copy of a page, for one process only. */
  copyOf(page: Page): Page {
    const copy = new Uint8Array(PAGE_SIZE)
    copy.set(page.bytes)
    return this.#needs.frames.virt_to_page(copy)
  }

  *#fault(vma: Vma, address: number, write: boolean): Steps<Found> {
    const found = vma.entryAt(address) ?? (yield* this.#find(vma, address, write))
    if (typeof found === 'number' || !write || found.writable) return found
    if (!(vma.vm_flags & VM_SHARED))
      return vma.setEntry(address, this.copyOf(found.page), false, true)

    const vmf = faultAt(vma, address, FAULT_FLAG_WRITE | FAULT_FLAG_MKWRITE, found.page)
    const answer = yield* this.#ask('page_mkwrite', vmf)
    if (answer & VM_FAULT_ERROR) return errorOf(answer)
    found.writable = true
    return found
  }

  /** There is no page at `address` yet. */
  *#find(vma: Vma, address: number, write: boolean): Steps<Found> {
    if (!vma.vm_ops) return this.#anonymous(vma, address)
    if (!vma.vm_ops.fault) return VM_FAULT_SIGBUS
    const vmf = faultAt(vma, address, write ? FAULT_FLAG_WRITE : 0, null)
    const answer = yield* this.#ask('fault', vmf)
    if (answer & VM_FAULT_ERROR) return errorOf(answer)
    // Several may have waited for the same page: what is there now counts.
    const there = vma.entryAt(address)
    if (there || answer & VM_FAULT_NOPAGE) return there ?? VM_FAULT_SIGBUS
    if (!(vmf.page instanceof Page)) {
      this.#needs.traps.die(new TypeError('fault() returned 0, but gave no page'))
      return VM_FAULT_SIGBUS
    }
    const mayWrite = (vma.vm_flags & VM_SHARED) !== 0 && !vma.vm_ops.page_mkwrite
    return vma.setEntry(address, vmf.page, true, mayWrite)
  }

  #anonymous(vma: Vma, address: number): Found {
    if (vma.vm_flags & VM_SHARED) return VM_FAULT_SIGBUS
    const page = this.#needs.frames.virt_to_page(new Uint8Array(PAGE_SIZE))
    return vma.setEntry(address, page, false, true)
  }

  /** A driver that crashes has no memory to offer. */
  *#ask(handler: FaultHandler, vmf: vm_fault): Steps<vm_fault_t> {
    const { traps } = this.#needs
    const answer = yield* settled(
      callDriver(traps, () => vmf.vma.vm_ops?.[handler]?.(vmf) ?? 0),
    )
    return answer < 0 ? VM_FAULT_SIGBUS : answer
  }
}

function faultAt(vma: Vma, address: number, how: number, page: Page | null): vm_fault {
  const flags = how | FAULT_FLAG_USER
  return { vma, address, flags, pgoff: vma.pgoffAt(address), page }
}

function errorOf(answer: vm_fault_t): vm_fault_t {
  return answer & VM_FAULT_SIGSEGV ? VM_FAULT_SIGSEGV : VM_FAULT_SIGBUS
}
