// Who may do what. Linux: kernel/capability.c.
//
// A caller's own capability sets are not visible through a file system. Here root has all of
// them and nobody else has any.

import type { Scheduler } from './sched.ts'

export class Capabilities {
  static readonly EXPORT_SYMBOL = [
    'capable',
    'current_uid',
    'current_gid',
    'current_euid',
  ] as const

  readonly #sched: Scheduler

  constructor(sched: Scheduler) {
    this.#sched = sched
  }

  capable(_cap: number): boolean {
    return this.#sched.current.cred.uid === 0
  }

  current_uid(): number {
    return this.#sched.current.cred.uid
  }

  current_gid(): number {
    return this.#sched.current.cred.gid
  }

  current_euid(): number {
    return this.#sched.current.cred.uid
  }
}
