// Caches of a driver's own: objects of one size, or of one class. Linux: mm/slab_common.c, mm/slub.c.

import type { gfp_t } from '../include/linux/gfp.ts'
import { KERN_WARNING } from '../include/linux/printk.ts'
import {
  KMALLOC_MAX_SIZE,
  type object_type,
  SLAB_HWCACHE_ALIGN,
  size_of_object,
} from '../include/linux/slab.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Printk } from '../kernel/printk.ts'
import { place } from '../kernel/dumpstack.ts'
import type { StackTraces } from '../kernel/stack.ts'
import type { Slab } from './slab.ts'
import type { ModuleMemory } from './slab_common.ts'

const CACHE_LINE = 64
const POINTER = 8

/** What there is of it: all objects have the same size, and are made the same way. */
export class kmem_cache<T extends object = object> {
  readonly name: string
  /** Bytes asked for, and what an object takes with its alignment. */
  readonly object_size: number
  readonly size: number
  /** Objects in use. */
  active = 0
  /** A new object; undefined for bytes. */
  readonly make: (() => T) | undefined
  readonly ctor: ((object: T) => void) | undefined

  constructor(
    name: string,
    object_size: number,
    size: number,
    make?: () => T,
    ctor?: (object: T) => void,
  ) {
    this.name = name
    this.object_size = object_size
    this.size = size
    this.make = make
    this.ctor = ctor
  }
}

export interface CacheNeeds {
  slab: Slab
  traps: Traps
  stacks: StackTraces
  log: Printk
}

export class KmemCaches {
  static readonly EXPORT_SYMBOL = [
    'kmem_cache_create',
    'kmem_cache_create_usercopy',
    'kmem_cache_destroy',
    'kmem_cache_alloc',
    'kmem_cache_free',
    'kmem_cache_size',
    'kmem_cache_shrink',
  ] as const

  readonly #needs: CacheNeeds
  readonly #memory: ModuleMemory

  constructor(needs: CacheNeeds, memory: ModuleMemory) {
    this.#needs = needs
    this.#memory = memory
  }

  kmem_cache_create<T extends object = Uint8Array>(
    name: string,
    size: number | object_type<T>,
    align: number,
    flags: number,
    ctor?: ((object: T) => void) | null,
  ): kmem_cache<T> | null {
    const bytes = typeof size === 'number' ? size : size_of_object(new size())
    if (!(bytes > 0 && bytes <= KMALLOC_MAX_SIZE)) return this.#refuse(name)
    const made = typeof size === 'number' ? undefined : () => new size()
    const room = roundUp(bytes, calculate_alignment(flags, align, bytes))
    const cache = new kmem_cache<T>(String(name), bytes, room, made, ctor ?? undefined)
    this.#needs.slab.add(cache as unknown as kmem_cache)
    return cache
  }

  /** All of an object may be copied to and from programs here. */
  kmem_cache_create_usercopy<T extends object = Uint8Array>(
    name: string,
    size: number | object_type<T>,
    align: number,
    flags: number,
    _useroffset: number,
    _usersize: number,
    ctor?: ((object: T) => void) | null,
  ): kmem_cache<T> | null {
    return this.kmem_cache_create(name, size, align, flags, ctor)
  }

  kmem_cache_destroy<T extends object>(s: kmem_cache<T> | null): void {
    if (!s) return
    const { slab, traps, stacks } = this.#needs
    if (s.active === 0) return slab.remove(s as unknown as kmem_cache)
    const caller = stacks.here().find(({ module }) => module !== undefined)
    traps.WARN(
      true,
      '%s %s: Slab cache still has objects when called from %s',
      'kmem_cache_destroy',
      s.name,
      caller ? place(caller) : '?',
    )
  }

  kmem_cache_alloc<T extends object>(s: kmem_cache<T>, flags: gfp_t): T | null {
    this.#memory.might_alloc(flags)
    const object = s.make ? s.make() : (this.#memory.bytes(s.object_size) as T | null)
    if (!object) return null
    const cache = s as unknown as kmem_cache
    this.#memory.take(object, s.object_size, cache)
    s.ctor?.(object)
    return object
  }

  kmem_cache_free<T extends object>(s: kmem_cache<T>, x: T | null): void {
    if (!x) return
    const allocation = this.#needs.slab.find(x)
    const own = allocation?.cache
    if (!allocation || (own as unknown) !== s) {
      this.#needs.traps.WARN(
        true,
        '%s: Wrong slab cache. %s but object is from %s\n',
        'cache_from_obj',
        s.name,
        own?.name ?? 'no slab',
      )
    }
    if (allocation) this.#memory.give(allocation, x)
  }

  kmem_cache_size(s: kmem_cache): number {
    return s.object_size
  }

  /** There is nothing to shrink: 0. */
  kmem_cache_shrink(_s: kmem_cache): number {
    return 0
  }

  #refuse(name: string): null {
    const { log, traps } = this.#needs
    log.printk(
      `${KERN_WARNING}%s(%s) failed with error -22\n`,
      'kmem_cache_create_usercopy',
      name,
    )
    traps.dump_stack()
    return null
  }
}

/** Small objects share a cache line as long as they fit into it evenly. */
function calculate_alignment(flags: number, align: number, size: number): number {
  let line = flags & SLAB_HWCACHE_ALIGN ? CACHE_LINE : POINTER
  while (line > POINTER && size <= line / 2) line /= 2
  return Math.max(align, line, POINTER)
}

function roundUp(n: number, step: number): number {
  return Math.ceil(n / step) * step
}
