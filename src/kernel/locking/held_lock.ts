// A lock that a task holds. Linux: struct held_lock in include/linux/lockdep.h.

import type { call_site } from '../../include/linux/call_site.ts'
import type { debugged_lock } from '../../include/linux/lockdep_map.ts'
import type { LockClass } from './lock_class.ts'

/** How a lock is taken: alone, with other readers, or by a reader who may be one already. */
export const WRITE = 0
export const READ = 1
export const READ_RECURSIVE = 2

export class held_lock {
  readonly instance: debugged_lock
  readonly class: LockClass
  /** WRITE, READ or READ_RECURSIVE. */
  read: number
  readonly trylock: boolean
  /** Where it was taken. */
  readonly at: call_site | undefined
  /** The one that was taken before it. */
  outer: held_lock | undefined = undefined

  constructor(
    instance: debugged_lock,
    lockClass: LockClass,
    read: number,
    trylock: boolean,
    at: call_site | undefined,
  ) {
    this.instance = instance
    this.class = lockClass
    this.read = read
    this.trylock = trylock
    this.at = at
  }
}

/** From `last` on outwards. */
export function* outwards(last: held_lock | undefined): Generator<held_lock, void> {
  for (let held = last; held; held = held.outer) yield held
}
