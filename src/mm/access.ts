// Reading and writing what is mapped, as a program's instructions do. Linux: mm/memory.c.

import type { MaybePromise } from '../include/linux/types.ts'
import { PAGE_SIZE } from '../include/linux/page.ts'
import type { vm_fault_t } from '../include/linux/mm.ts'
import { isPromise, runSteps, settled, type Steps } from '../lib/steps.ts'
import type { AddressSpace } from './address_space.ts'
import type { Entry } from './vma.ts'

/** How far it came, in bytes, and what stopped it: 0, VM_FAULT_SIGBUS or VM_FAULT_SIGSEGV. */
export interface Accessed {
  done: number
  fault: vm_fault_t
}

/** Fill `bytes` from `address` on, or store them there; drivers are asked for pages that are missing. */
export function access_vm(
  mm: AddressSpace,
  address: number,
  bytes: Uint8Array,
  write: boolean,
): MaybePromise<Accessed> {
  return runSteps(access(mm, address, bytes, write))
}

/** As access_vm(), but only as far as no driver has to be waited for: how many bytes were moved. */
export function access_nowait(
  mm: AddressSpace,
  address: number,
  bytes: Uint8Array,
  write: boolean,
): number {
  let done = 0
  while (done < bytes.length) {
    const found = mm.touch(address + done, write)
    if (isPromise(found) || typeof found === 'number') break
    done += move(found, address + done, bytes.subarray(done), write)
  }
  return done
}

function* access(
  mm: AddressSpace,
  address: number,
  bytes: Uint8Array,
  write: boolean,
): Steps<Accessed> {
  let done = 0
  while (done < bytes.length) {
    const at = address + done
    const found = yield* settled(mm.touch(at, write))
    if (typeof found === 'number') return { done, fault: found }
    done += move(found, at, bytes.subarray(done), write)
  }
  return { done, fault: 0 }
}

/** Move what lies within the page of `at`; how many bytes. */
function move({ page }: Entry, at: number, bytes: Uint8Array, write: boolean): number {
  const offset = at % PAGE_SIZE
  const part = bytes.subarray(0, PAGE_SIZE - offset)
  if (write) store(page.bytes, offset, part)
  else load(page.bytes, offset, part)
  return part.length
}

/** A page's memory may end within it: what is behind is not the driver's, and reads as zeros. */
function load(page: Uint8Array, offset: number, to: Uint8Array): void {
  const there = page.subarray(offset, offset + to.length)
  to.set(there)
  to.fill(0, there.length)
}

function store(page: Uint8Array, offset: number, from: Uint8Array): void {
  page.set(
    from.subarray(0, Math.max(0, page.length - offset)),
    Math.min(offset, page.length),
  )
}
