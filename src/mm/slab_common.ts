// The memory of one module: what it has allocated, and the functions it does so with. Linux:
// mm/slab_common.c, mm/slub.c.
//
// Each module gets functions of its own when it is linked, so that it is known whose memory it is.

import { KERN_WARNING } from '../include/linux/printk.ts'
import { __GFP_DIRECT_RECLAIM, __GFP_NOWARN, type gfp_t } from '../include/linux/gfp.ts'
import { KMALLOC_MAX_SIZE } from '../include/linux/slab.ts'
import { bytesOf, type void_ptr } from '../include/linux/void_ptr.ts'
import type { Module } from '../kernel/module/module.ts'
import type { MightSleep } from '../kernel/might_sleep.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Printk } from '../kernel/printk.ts'
import type { Scheduler } from '../kernel/sched.ts'
import { Bug } from '../lib/bug.ts'
import { ALLOCATION_DEPTH, type Allocation, FREE_DEPTH, Track } from './allocation.ts'
import type { Kasan } from './kasan.ts'
import type { Kmemleak } from './kmemleak.ts'
import type { kmem_cache } from './kmem_cache.ts'
import type { Slab } from './slab.ts'
import type { Vmalloc } from './vmalloc.ts'

export interface MemoryNeeds {
  slab: Slab
  vmalloc: Vmalloc
  kasan: Kasan
  kmemleak: Kmemleak
  sched: Scheduler
  might_sleep: MightSleep
  traps: Traps
  log: Printk
}

export class ModuleMemory {
  static readonly EXPORT_SYMBOL = [
    '__kmalloc',
    'kfree',
    'kfree_sensitive',
    'krealloc',
    'ksize',
    'kvmalloc_node',
    'kvfree',
    'kvrealloc',
  ] as const

  readonly #needs: MemoryNeeds
  readonly #mod: Module | undefined
  /** What it has and has not given back. */
  readonly #live: Set<Allocation>

  /** `mod`: undefined for the kernel itself. `live`: where what it has is kept. */
  constructor(needs: MemoryNeeds, mod: Module | undefined, live: Set<Allocation>) {
    this.#needs = needs
    this.#mod = mod
    this.#live = live
  }

  /** `object` stands for the memory, if it is to be no array of bytes. */
  __kmalloc<T extends object = Uint8Array>(
    size: number,
    flags: gfp_t,
    object?: T,
  ): T | null {
    this.might_alloc(flags)
    if (!(size <= KMALLOC_MAX_SIZE)) return this.__alloc_pages(flags)
    const memory = object ?? this.bytes(size)
    if (size === 0 || !memory) return memory as T | null
    this.take(memory, size, this.#needs.slab.kmalloc_slab(size))
    return memory as T
  }

  /** Memory never makes anybody wait here, but on Linux it could. */
  might_alloc(flags: gfp_t): void {
    if (!(flags & __GFP_DIRECT_RECLAIM)) return
    this.#needs.might_sleep.__might_sleep('include/linux/sched/mm.h', 274)
  }

  /** Book in what this module has got. */
  take(memory: object, size: number, cache: kmem_cache | undefined): void {
    const { slab, kmemleak, sched } = this.#needs
    const track = kmemleak.enabled
      ? new Track(sched.current, ALLOCATION_DEPTH)
      : undefined
    // insmod is gone by the time that somebody asks for its name.
    if (this.#mod?.state === 'coming') track?.rememberComm()
    slab.book(memory, size, cache, track, this.#live)
  }

  kfree(objp: unknown): void {
    if (typeof objp !== 'object' || objp === null) return // strings need no memory
    const allocation = this.#needs.slab.find(objp)
    if (allocation) this.give(allocation, objp)
    else this.#free_large_kmalloc(objp)
  }

  /** Take `allocation` back, for which the driver hands over `memory`. */
  give(allocation: Allocation, memory: object): void {
    const { slab, kasan, kmemleak, sched } = this.#needs
    if (allocation.freed) throw new Bug('mm/slub.c:419')
    if (ArrayBuffer.isView(memory) && memory.byteOffset !== 0) {
      return kasan.report_invalid_free(allocation)
    }
    allocation.freed = true
    if (kmemleak.enabled) allocation.freedBy = new Track(sched.current, FREE_DEPTH)
    slab.unbook(allocation)
    kasan.poison(allocation)
  }

  kfree_sensitive(p: void_ptr | null): void {
    if (p) bytesOf(p).fill(0)
    this.kfree(p)
  }

  krealloc(p: Uint8Array | null, new_size: number, flags: gfp_t): Uint8Array | null {
    if (new_size === 0) {
      this.kfree(p)
      return this.bytes(0)
    }
    if (p && new_size <= p.length) return p.subarray(0, new_size)
    const larger = this.__kmalloc(new_size, flags)
    if (!larger) return null
    if (p) larger.set(p)
    this.kfree(p)
    return larger
  }

  ksize(objp: void_ptr | null): number {
    return objp ? (this.#needs.slab.find(objp)?.size ?? 0) : 0
  }

  kvmalloc_node(size: number, flags: gfp_t, _node: number): Uint8Array | null {
    if (size <= KMALLOC_MAX_SIZE) return this.__kmalloc(size, flags)
    return this.#needs.vmalloc.vmalloc(size)
  }

  kvfree(addr: Uint8Array | null): void {
    if (addr && this.#needs.vmalloc.is_vmalloc_addr(addr)) this.#needs.vmalloc.vfree(addr)
    else this.kfree(addr)
  }

  kvrealloc(
    p: Uint8Array,
    oldsize: number,
    newsize: number,
    flags: gfp_t,
  ): Uint8Array | null {
    if (oldsize >= newsize) return p
    const larger = this.kvmalloc_node(newsize, flags, NUMA_NO_NODE)
    if (!larger) return null
    larger.set(p.subarray(0, oldsize))
    this.kvfree(p)
    return larger
  }

  /** The module is gone: whatever it has not given back is lost. */
  module_freed(): void {
    this.#needs.kmemleak.suspect([...this.#live])
    this.#live.clear()
  }

  /** Zeroed, as Linux has it with init_on_alloc. An array of the module's own kind. */
  bytes(size: number): Uint8Array | null {
    const Bytes = this.#mod?.bytes ?? Uint8Array
    try {
      return new Bytes(size)
    } catch {
      return null // more than the host has
    }
  }

  /** Linux asks for pages, and is told that there are never so many in a row. */
  __alloc_pages(flags: gfp_t): null {
    const { slab, traps } = this.#needs
    if (!(flags & __GFP_NOWARN) && slab.once('__alloc_pages')) traps.WARN_ON(true)
    return null
  }

  /** What is in no slab is taken for a page, of which an allocation has at least two. */
  #free_large_kmalloc(object: object): void {
    const { slab, traps, log } = this.#needs
    if (ArrayBuffer.isView(object) && object.byteLength === 0) return // ZERO_SIZE_PTR
    if (!slab.once('free_large_kmalloc')) return
    traps.WARN_ON(true)
    log.printk(`${KERN_WARNING}object pointer: 0x%p\n`, object)
  }
}

const NUMA_NO_NODE = -1
