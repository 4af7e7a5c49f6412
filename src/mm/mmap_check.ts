// What mmap(2) refuses before a driver is asked, and the flags of an area. Linux: mm/mmap.c, do_mmap().

import { EACCES, EINVAL, ENODEV, ENOMEM, EOVERFLOW } from '../include/linux/errno.ts'
import { type file, FMODE_READ, FMODE_WRITE } from '../include/linux/fs.ts'
import {
  VM_EXEC,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
} from '../include/linux/mm.ts'
import { PAGE_SIZE } from '../include/linux/page.ts'
import type { errno_t } from '../include/linux/types.ts'
import {
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_TYPE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../include/uapi/mman.ts'

/** What mmap(2) is called with, but for the descriptor. */
export interface MmapArguments {
  /** In bytes. */
  length: number
  prot: number
  flags: number
  /** In bytes. */
  offset?: number
  addr?: number
}

/** Where the memory of programs ends, on x86-64. */
export const TASK_SIZE = 2 ** 47

/** 0, or the error that mmap(2) gives without asking the driver. */
export function checkMmap(file: file, args: MmapArguments): errno_t {
  const { length, prot, flags, offset = 0, addr = 0 } = args
  if (offset % PAGE_SIZE !== 0 || length === 0) return -EINVAL
  if (offset < 0 || offset + length > Number.MAX_SAFE_INTEGER) return -EOVERFLOW
  if (flags & MAP_FIXED && addr > TASK_SIZE - length) return -ENOMEM
  if (flags & MAP_FIXED && addr % PAGE_SIZE !== 0) return -EINVAL
  if (!isShared(flags) && (flags & MAP_TYPE) !== MAP_PRIVATE) return -EINVAL
  if (isShared(flags) && prot & PROT_WRITE && !(file.f_mode & FMODE_WRITE)) return -EACCES
  if (!(file.f_mode & FMODE_READ)) return -EACCES
  return file.f_op.mmap ? 0 : -ENODEV
}

/** VM_* of the area. */
export function vmFlags(file: file, { prot, flags }: MmapArguments): number {
  const may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC
  const vm_flags = protFlags(prot) | may
  if (!isShared(flags)) return vm_flags
  const shared = VM_SHARED | VM_MAYSHARE
  // Nobody writes through it, ever: then it is no different from a private one.
  return file.f_mode & FMODE_WRITE
    ? vm_flags | shared
    : (vm_flags | VM_MAYSHARE) & ~VM_MAYWRITE
}

/** VM_READ, VM_WRITE and VM_EXEC for PROT_*. */
export function protFlags(prot: number): number {
  return (
    (prot & PROT_READ ? VM_READ : 0) |
    (prot & PROT_WRITE ? VM_WRITE : 0) |
    (prot & PROT_EXEC ? VM_EXEC : 0)
  )
}

function isShared(flags: number): boolean {
  const type = flags & MAP_TYPE
  return type === MAP_SHARED || type === MAP_SHARED_VALIDATE
}
