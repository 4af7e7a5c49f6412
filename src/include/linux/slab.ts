// Memory for drivers. Implemented in mm/slab_common.ts, mm/kmem_cache.ts and mm/util.ts. Linux:
// include/linux/slab.h.
//
// Memory is a Uint8Array, or for a class of the driver's an object of it; it is zeroed. What is freed
// is taken away, so that its use afterwards is seen.

import type { KmemCaches, kmem_cache } from '../../mm/kmem_cache.ts'
import type { ModuleMemory } from '../../mm/slab_common.ts'
import { __GFP_ZERO, type gfp_t } from './gfp.ts'
import { TYPE } from './struct_types.ts'

export * from './gfp.ts'
export type { kmem_cache }

/** kmalloc() hands out no more than this at once, in bytes. */
export const KMALLOC_MAX_SIZE = 1 << 22

export const SLAB_HWCACHE_ALIGN = 0x2000
export const SLAB_PANIC = 0x40000
export const SLAB_TYPESAFE_BY_RCU = 0x80000
export const SLAB_MEM_SPREAD = 0x100000
export const SLAB_RECLAIM_ACCOUNT = 0x20000
export const SLAB_ACCOUNT = 0x4000000

/** A class whose objects need nothing to be made: what C says with sizeof(struct …). */
export type object_type<T extends object> = new () => T

/** @internal What kmalloc() comes to. */
export declare const __kmalloc: ModuleMemory['__kmalloc']

/** `size` bytes, or an object of that class; null if there is no memory for it. */
export function kmalloc(size: number, flags: gfp_t): Uint8Array | null
export function kmalloc<T extends object>(type: object_type<T>, flags: gfp_t): T | null
export function kmalloc(size: number | object_type<object>, flags: gfp_t): object | null {
  if (typeof size === 'number') return __kmalloc(size, flags)
  const object = new size()
  return __kmalloc(size_of_object(object), flags, object)
}

/** As kmalloc(). */
export function kzalloc(size: number, flags: gfp_t): Uint8Array | null
export function kzalloc<T extends object>(type: object_type<T>, flags: gfp_t): T | null
export function kzalloc(size: number | object_type<object>, flags: gfp_t): object | null {
  return kmalloc(size as number, flags | __GFP_ZERO)
}

/** `n` times `size` bytes, or null if that is too much. */
export function kmalloc_array(n: number, size: number, flags: gfp_t): Uint8Array | null {
  const bytes = n * size
  return Number.isSafeInteger(bytes) ? __kmalloc(bytes, flags) : null
}

/** As kmalloc_array(). */
export function kcalloc(n: number, size: number, flags: gfp_t): Uint8Array | null {
  return kmalloc_array(n, size, flags | __GFP_ZERO)
}

/** Give memory back; null is all right. It is gone: whoever still uses it is reported. */
export declare const kfree: ModuleMemory['kfree']
/** As kfree(), after the bytes have been cleared. */
export declare const kfree_sensitive: ModuleMemory['kfree_sensitive']
/**
 * What is in `p`, in `new_size` bytes: use what comes back, and `p` no more. Null if there is no
 * memory: then `p` is still there.
 */
export declare const krealloc: ModuleMemory['krealloc']
/** Bytes that there are at `objp`. Linux rounds up; here nothing is behind what was asked for. */
export declare const ksize: ModuleMemory['ksize']

/** As krealloc(), for `new_n` times `new_size` bytes. */
export function krealloc_array(
  p: Uint8Array | null,
  new_n: number,
  new_size: number,
  flags: gfp_t,
): Uint8Array | null {
  const bytes = new_n * new_size
  return Number.isSafeInteger(bytes) ? krealloc(p, bytes, flags) : null
}

/** @internal What kvmalloc() comes to. */
export declare const kvmalloc_node: ModuleMemory['kvmalloc_node']

/** As kmalloc(), also for more than KMALLOC_MAX_SIZE bytes. */
export function kvmalloc(size: number, flags: gfp_t): Uint8Array | null {
  return kvmalloc_node(size, flags, -1)
}

/** As kvmalloc(). */
export function kvzalloc(size: number, flags: gfp_t): Uint8Array | null {
  return kvmalloc(size, flags | __GFP_ZERO)
}

/** `n` times `size` bytes, as of kvmalloc(). */
export function kvmalloc_array(n: number, size: number, flags: gfp_t): Uint8Array | null {
  const bytes = n * size
  return Number.isSafeInteger(bytes) ? kvmalloc(bytes, flags) : null
}

/** As kvmalloc_array(). */
export function kvcalloc(n: number, size: number, flags: gfp_t): Uint8Array | null {
  return kvmalloc_array(n, size, flags | __GFP_ZERO)
}

/** Give back what kvmalloc() or kmalloc() gave. */
export declare const kvfree: ModuleMemory['kvfree']
/** What is in the first `oldsize` bytes of `p`, in `newsize`. */
export declare const kvrealloc: ModuleMemory['kvrealloc']

/**
 * A cache of objects of `size` bytes, or of that class; `ctor` sees each new one. Null, with a
 * message, if there can be no such objects.
 */
export declare const kmem_cache_create: KmemCaches['kmem_cache_create']
/** As kmem_cache_create(), for objects of which a part goes to programs. */
export declare const kmem_cache_create_usercopy: KmemCaches['kmem_cache_create_usercopy']
/** It must be empty, or it stays, with a warning. */
export declare const kmem_cache_destroy: KmemCaches['kmem_cache_destroy']
/** An object of the cache, or null if there is no memory. */
export declare const kmem_cache_alloc: KmemCaches['kmem_cache_alloc']
/** Give an object back. */
export declare const kmem_cache_free: KmemCaches['kmem_cache_free']
/** How many bytes its objects have. */
export declare const kmem_cache_size: KmemCaches['kmem_cache_size']
/** Give back what the cache does not need: 0, there is nothing. */
export declare const kmem_cache_shrink: KmemCaches['kmem_cache_shrink']

/** As kmem_cache_alloc(). */
export function kmem_cache_zalloc<T extends object>(
  k: kmem_cache<T>,
  flags: gfp_t,
): T | null {
  return kmem_cache_alloc(k, flags | __GFP_ZERO)
}

const POINTER = 8

/** @internal The bytes C would need: a struct()'s own, else a pointer's for each property. */
export function size_of_object(object: object): number {
  const { [TYPE]: type } = object.constructor as { [TYPE]?: { size: number } }
  return type?.size ?? POINTER * Math.max(Object.keys(object).length, 1)
}
