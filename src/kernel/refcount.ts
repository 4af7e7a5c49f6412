// What goes wrong with counters of references. Linux: lib/refcount.c.

import type { call_site } from '../include/linux/call_site.ts'
import type { mutex } from '../include/linux/mutex.ts'
import { REFCOUNT_SATURATED, type refcount_t } from '../include/linux/refcount.ts'
import type { Mutexes } from './locking/mutex.ts'
import type { Traps } from './panic.ts'

/** By the kind of mistake. */
const WHAT = [
  'saturated; leaking memory',
  'saturated; leaking memory',
  'addition on 0; use-after-free',
  'underflow; use-after-free',
  'decrement hit 0; leaking memory',
]

const UNDERFLOW = 3

export class Refcounts {
  static readonly EXPORT_SYMBOL = [
    'refcount_warn_saturate',
    'refcount_dec_if_one',
    'refcount_dec_not_one',
    'refcount_dec_and_mutex_lock',
  ] as const

  readonly #traps: Traps
  readonly #mutexes: Mutexes
  /** The kinds of mistakes that have been reported: each is once. */
  readonly #reported = new Set<number>()

  constructor(traps: Traps, mutexes: Mutexes) {
    this.#traps = traps
    this.#mutexes = mutexes
  }

  /** From now on `r` says that there are too many to count. */
  refcount_warn_saturate(r: refcount_t, kind: number): void {
    r.refs = REFCOUNT_SATURATED
    this.#warn(kind)
  }

  refcount_dec_if_one(r: refcount_t): boolean {
    if (r.refs !== 1) return false
    r.refs = 0
    return true
  }

  refcount_dec_not_one(r: refcount_t): boolean {
    if (r.refs === REFCOUNT_SATURATED) return true
    if (r.refs === 1) return false
    if (r.refs === 0) this.#warn(UNDERFLOW)
    else r.refs--
    return true
  }

  async refcount_dec_and_mutex_lock(
    r: refcount_t,
    lock: mutex,
    site?: call_site,
  ): Promise<boolean> {
    if (this.refcount_dec_not_one(r)) return false
    await this.#mutexes.mutex_lock(lock, site)
    if (this.refcount_dec_if_one(r)) return true
    this.refcount_dec_not_one(r)
    this.#mutexes.mutex_unlock(lock, site)
    return false
  }

  #warn(kind: number): void {
    if (this.#reported.has(kind)) return
    this.#reported.add(kind)
    this.#traps.WARN(true, 'refcount_t: %s.\n', WHAT[kind])
  }
}
