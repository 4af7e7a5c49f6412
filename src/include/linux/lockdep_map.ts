// What lock debugging keeps in each lock. Linux: include/linux/lockdep_types.h.
import type { LockClass } from '../../kernel/locking/lock_class.ts'
import type { call_site } from './call_site.ts'

/** Waiting for it is spinning. */
export const LD_WAIT_SPIN = 2
/** Waiting for it is sleeping. */
export const LD_WAIT_SLEEP = 3

/** @internal Where a lock was made. At file scope nobody knows yet, hence the function. */
export type lock_site = call_site | (() => call_site)

/** @internal Locks that were made at the same place are of one class, whose rules are one. */
export class lockdep_map {
  readonly #site: lock_site
  readonly wait_type: number
  /** By subclass, as they are needed. */
  readonly classes: LockClass[] = []

  constructor(site: lock_site, wait_type: number) {
    this.#site = site
    this.wait_type = wait_type
  }

  /** Where it was made. */
  get key(): call_site {
    return typeof this.#site === 'function' ? this.#site() : this.#site
  }
}

/** @internal A lock that lock debugging can follow; it does not if nobody knows where it was made. */
export interface debugged_lock {
  dep_map: lockdep_map | undefined
}

/** @internal */
export function init_dep_map(
  site: lock_site | undefined,
  wait_type: number,
): lockdep_map | undefined {
  return site && new lockdep_map(site, wait_type)
}
