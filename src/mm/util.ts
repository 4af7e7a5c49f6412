// Copies of strings and memory that are a driver's own, to be freed with kfree(). Linux: mm/util.c.

import type { gfp_t } from '../include/linux/gfp.ts'
import { GFP_USER } from '../include/linux/gfp.ts'
import { strlen } from '../include/linux/string.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { bytesOf, type void_ptr } from '../include/linux/void_ptr.ts'
import { EFAULT, EINVAL, ENOMEM } from '../include/uapi/errno.ts'
import { copy_from_user } from '../lib/usercopy.ts'
import { strnlen_user } from '../lib/user_string.ts'
import type { ModuleMemory } from './slab_common.ts'

export class MemoryCopies {
  static readonly EXPORT_SYMBOL = [
    'kmemdup',
    'kmemdup_nul',
    'kstrdup',
    'kstrndup',
    'kstrdup_const',
    'kfree_const',
    'memdup_user',
    'memdup_user_nul',
    'vmemdup_user',
    'strndup_user',
  ] as const

  readonly #memory: ModuleMemory

  constructor(memory: ModuleMemory) {
    this.#memory = memory
  }

  kmemdup(src: void_ptr, len: number, gfp: gfp_t): Uint8Array | null {
    return this.#copy(bytesOf(src), len, len, gfp)
  }

  kmemdup_nul(s: void_ptr | null, len: number, gfp: gfp_t): Uint8Array | null {
    return s && this.#copy(bytesOf(s), len, len + 1, gfp)
  }

  /** A string of TypeScript's never changes, so it is its own copy. */
  kstrdup(s: string, gfp: gfp_t): string
  kstrdup(s: Uint8Array | null, gfp: gfp_t): Uint8Array | null
  kstrdup(s: string | Uint8Array | null, gfp: gfp_t): string | Uint8Array | null {
    if (typeof s === 'string' || !s) return s
    return this.#copy(s, strlen(s), strlen(s) + 1, gfp)
  }

  kstrndup(s: string, max: number, gfp: gfp_t): string
  kstrndup(s: Uint8Array | null, max: number, gfp: gfp_t): Uint8Array | null
  kstrndup(
    s: string | Uint8Array | null,
    max: number,
    gfp: gfp_t,
  ): string | Uint8Array | null {
    if (typeof s === 'string') return s.slice(0, max)
    if (!s) return null
    const len = Math.min(strlen(s), max)
    return this.#copy(s, len, len + 1, gfp)
  }

  /** What is constant need not be copied: strings of TypeScript's. */
  kstrdup_const(s: string, gfp: gfp_t): string
  kstrdup_const(s: Uint8Array | null, gfp: gfp_t): Uint8Array | null
  kstrdup_const(s: string | Uint8Array | null, gfp: gfp_t): string | Uint8Array | null {
    return typeof s === 'string' ? s : this.kstrdup(s, gfp)
  }

  kfree_const(x: string | Uint8Array | null): void {
    this.#memory.kfree(x)
  }

  memdup_user(src: user_ptr, len: number): Uint8Array | errno_t {
    return this.#duplicate(src, len, 0)
  }

  memdup_user_nul(src: user_ptr, len: number): Uint8Array | errno_t {
    return this.#duplicate(src, len, 1)
  }

  vmemdup_user(src: user_ptr, len: number): Uint8Array | errno_t {
    return this.#duplicate(src, len, 0)
  }

  strndup_user(s: user_ptr, n: number): Uint8Array | errno_t {
    const length = strnlen_user(s, n)
    if (!length) return -EFAULT
    if (length > n) return -EINVAL
    const p = this.#duplicate(s, length, 0)
    // The program may have changed it in between.
    if (typeof p !== 'number') p[length - 1] = 0
    return p
  }

  /** `room` bytes that begin with the first `len` of `from`. */
  #copy(from: Uint8Array, len: number, room: number, gfp: gfp_t): Uint8Array | null {
    const p = this.#memory.__kmalloc(room, gfp)
    p?.set(from.subarray(0, len))
    return p
  }

  /** `len` bytes of the program's and `more` zeros behind them. */
  #duplicate(src: user_ptr, len: number, more: number): Uint8Array | errno_t {
    const p = len < 0 ? null : this.#memory.__kmalloc(len + more, GFP_USER)
    if (!p) return -ENOMEM
    if (!copy_from_user(p, src, len)) return p
    this.#memory.kfree(p)
    return -EFAULT
  }
}
