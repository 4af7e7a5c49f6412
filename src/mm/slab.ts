// Where drivers' memory comes from: caches of objects of one size, and what each piece is. Linux:
// mm/slub.c, mm/slab_common.c.
//
// Memory is JavaScript's own. What is simulated is the bookkeeping: that it has an owner, an address,
// a size, and an end.

import { KMALLOC_SIZES, kmalloc_name } from '../lib/kmalloc_sizes.ts'
import { Allocation, identityOf, isBuffer, type Track } from './allocation.ts'
import { kmem_cache } from './kmem_cache.ts'

const PAGE_SIZE = 4096

/** The memory of the machine, where x86-64 maps it. */
const DIRECT_MAP = 0xffff888100000000n

/** Where the buffer of an array has what is known of it: a WeakMap is three times as slow. */
const ALLOCATION = Symbol('allocation')

interface Booked {
  [ALLOCATION]?: Allocation
}

export class Slab {
  /** Newest first, as /proc/slabinfo has them. */
  #caches: kmem_cache[]
  readonly #kmalloc: readonly kmem_cache[]
  /** Those that are no arrays of bytes. */
  readonly #objects = new WeakMap<object, Allocation>()
  readonly #warned = new Set<string>()
  /** Bytes handed out since boot: addresses are not used twice. */
  #next = 0

  constructor() {
    this.#kmalloc = KMALLOC_SIZES.map(
      size => new kmem_cache(kmalloc_name(size), size, size),
    )
    this.#caches = this.#kmalloc.toReversed()
  }

  get caches(): readonly kmem_cache[] {
    return this.#caches
  }

  add(cache: kmem_cache): void {
    this.#caches.unshift(cache)
  }

  remove(cache: kmem_cache): void {
    this.#caches = this.#caches.filter(other => other !== cache)
  }

  /** The cache for `size` bytes; undefined if that takes pages of its own. */
  kmalloc_slab(size: number): kmem_cache | undefined {
    return this.#kmalloc.find(cache => size <= cache.size)
  }

  /** Book `object`, which stands for `size` bytes, in. */
  book(
    object: object,
    size: number,
    cache: kmem_cache | undefined,
    track: Track | undefined,
    live: Set<Allocation>,
  ): Allocation {
    const room = cache?.size ?? Math.ceil(size / PAGE_SIZE) * PAGE_SIZE
    const address = DIRECT_MAP + BigInt(this.#next)
    this.#next += room
    if (cache) cache.active++
    const allocation = new Allocation({ address, size, room, cache, live }, object, track)
    live.add(allocation)
    const identity = identityOf(object)
    if (isBuffer(identity)) (identity as Booked)[ALLOCATION] = allocation
    if (!ArrayBuffer.isView(object)) this.#objects.set(object, allocation)
    return allocation
  }

  unbook(allocation: Allocation): void {
    const { cache, live } = allocation
    if (cache) cache.active--
    live.delete(allocation)
  }

  /** True the first time that `what` is asked for: WARN_ON_ONCE(). */
  once(what: string): boolean {
    const first = !this.#warned.has(what)
    this.#warned.add(what)
    return first
  }

  /** What `memory` is part of, if it was ever allocated. */
  find(memory: object): Allocation | undefined {
    if (!ArrayBuffer.isView(memory)) {
      const allocation = this.#objects.get(memory)
      if (allocation) return allocation
    }
    return (identityOf(memory) as Booked)[ALLOCATION]
  }

  /** /proc/slabinfo: nobody counts slabs here, so all objects are in one that is full. */
  slabinfo(): string {
    const lines = this.#caches.map(({ name, size, active }) => {
      const perSlab = Math.max(1, Math.floor(PAGE_SIZE / size))
      const slabs = Math.ceil(active / perSlab)
      const pages = Math.max(1, Math.ceil(size / PAGE_SIZE))
      const cells = [
        name.padEnd(17),
        cell(active, 6),
        cell(slabs * perSlab, 6),
        cell(size, 6),
        cell(perSlab, 4),
        cell(pages, 4),
      ]
      return `${cells.join(' ')} : tunables    0    0    0 : slabdata ${cell(slabs, 6)} ${cell(slabs, 6)}      0\n`
    })
    return HEADING + lines.join('')
  }
}

const HEADING =
  'slabinfo - version: 2.1\n' +
  '# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>' +
  ' : tunables <limit> <batchcount> <sharedfactor>' +
  ' : slabdata <active_slabs> <num_slabs> <sharedavail>\n'

const cell = (n: number, width: number): string => String(n).padStart(width)
