// Memory: kmalloc, vmalloc, pages, and what finds mistakes in their use.

import { Kasan } from '../mm/kasan.ts'
import { Faults } from '../mm/fault.ts'
import { Kmemleak } from '../mm/kmemleak.ts'
import { MemoryOwners } from '../mm/owners.ts'
import { PageAllocator } from '../mm/page_alloc.ts'
import { PageFrames } from '../mm/page_frames.ts'
import { Remap } from '../mm/remap.ts'
import { SharedZeros } from '../mm/shmem.ts'
import { Slab } from '../mm/slab.ts'
import { Vmalloc } from '../mm/vmalloc.ts'
import type { Core } from './core.ts'
import type { FileSystems } from './filesystems.ts'
import type { Locking } from './locking.ts'
import type { Reporting } from './reporting.ts'
import type { Start } from './start.ts'

export type Memory = ReturnType<typeof memory_init>

export function memory_init(given: Start & Core & Reporting & Locking & FileSystems) {
  const { sched, time, symbols, log, taints, stacks, traps } = given
  const { might_sleep, debugfs, cmdline } = given

  const slab = new Slab() //                              kmalloc
  const kasan = new Kasan({ log, sched, stacks, taints, traps })
  const kmemleak = new Kmemleak({ log, stacks, time, debugfs }, cmdline)
  const frames = new PageFrames() //                      virt_to_page, __pa
  const vmalloc = new Vmalloc(frames, traps)
  const checking = { kasan, kmemleak, might_sleep, traps, stacks, log }
  const memory = new MemoryOwners({ slab, vmalloc, sched, ...checking })
  const pages = new PageAllocator({ frames, log, traps, taints, sched }) // alloc_pages
  const remap = new Remap({ frames, vmalloc, traps }) //  remap_pfn_range
  const faults = new Faults({ frames, traps }) //         vm_ops.fault

  memory.exportTo(symbols)
  symbols.exportFrom(pages, vmalloc, remap, new SharedZeros(frames))
  return { slab, memory, pages, faults }
}
