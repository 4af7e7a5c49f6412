// Changing areas that are there: mprotect(2), mremap(2). Linux: mm/mprotect.c, mm/mremap.c.

import { EACCES, EFAULT, EINVAL, ENOMEM } from '../include/linux/errno.ts'
import {
  PAGE_ALIGN,
  VM_DONTEXPAND,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYWRITE,
  VM_PFNMAP,
} from '../include/linux/mm.ts'
import { PAGE_SIZE } from '../include/linux/page.ts'
import type { errno_t } from '../include/linux/types.ts'
import { MREMAP_MAYMOVE } from '../include/uapi/mman.ts'
import { type AddressSpace, sizeOf } from './address_space.ts'
import { protFlags } from './mmap_check.ts'
import { Vma } from './vma.ts'

const ACCESS = 0x7
/** From VM_READ to VM_MAYREAD, and so on. */
const MAY_SHIFT = 4

/** 0; -EACCES for what its file's mode forbids; -ENOMEM if not all of it is mapped. */
export function mprotect(
  mm: AddressSpace,
  start: number,
  length: number,
  prot: number,
): errno_t {
  if (start % PAGE_SIZE !== 0) return -EINVAL
  const end = start + PAGE_ALIGN(length)
  if (!isMapped(mm, start, end)) return -ENOMEM
  const wanted = protFlags(prot)
  const forbidden = (vma: Vma) => wanted & ~mayFlags(vma)
  if (mm.within(start, end).some(forbidden)) return -EACCES
  const err = mm.isolate(start, end)
  if (err) return err
  for (const vma of mm.within(start, end))
    vma.vm_flags = (vma.vm_flags & ~ACCESS) | wanted
  return 0
}

/** The address, which is another one only with MREMAP_MAYMOVE; or an error. */
export function mremap(
  mm: AddressSpace,
  start: number,
  oldLength: number,
  newLength: number,
  flags: number,
): number {
  const from = PAGE_ALIGN(oldLength)
  const to = PAGE_ALIGN(newLength)
  if (start % PAGE_SIZE !== 0 || from === 0 || to === 0) return -EINVAL
  const vma = mm.find_vma(start)
  if (!vma || !vma.contains(start, start + from)) return -EFAULT
  if (to <= from) return to === from ? start : mm.munmap(start + to, from - to) || start
  if (vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP)) return -EFAULT

  const end = start + to
  if (vma.vm_end === start + from && mm.within(start + from, end).length === 0) {
    vma.vm_end = end
    return start
  }
  if (!(flags & MREMAP_MAYMOVE)) return -ENOMEM
  return mm.isolate(start, start + from) || move(mm, start, to)
}

/** The area at `start` goes to other addresses, where it is `length` bytes long. */
function move(mm: AddressSpace, start: number, length: number): number {
  const old = mm.find_vma(start) as Vma
  const { get_file, pages } = mm.needs
  const to = mm.freeRange(length)
  const place = {
    start: to,
    end: to + length,
    pgoff: old.vm_pgoff,
    filePgoff: old.file_pgoff,
    flags: old.vm_flags,
  }
  const vma = new Vma(mm, old.vm_file, place, page => pages.put_page(page))
  vma.takeOver(old)
  get_file(old.vm_file)
  mm.tell(() => vma.vm_ops?.open?.(vma))
  old.moveEntries(vma, start, start + sizeOf(old), to - start)
  mm.add(vma)
  mm.tell(() => void vma.vm_ops?.mremap?.(vma))
  mm.remove(old)
  return to
}

function isMapped(mm: AddressSpace, start: number, end: number): boolean {
  let at = start
  for (const { vm_start, vm_end } of mm.within(start, end)) {
    if (vm_start > at) return false
    at = vm_end
  }
  return at >= end
}

function mayFlags({ vm_flags }: Vma): number {
  return (vm_flags & (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)) >> MAY_SHIFT
}
