// Who may do what. Linux: kernel/capability.c.
//
// A caller's own capability sets are not visible through a file system. Here root has all of
// them, and so has the user who booted the machine: it is theirs.

import type { Scheduler } from './sched.ts'

export class Capabilities {
  static readonly EXPORT_SYMBOL = [
    'capable',
    'current_uid',
    'current_gid',
    'current_euid',
  ] as const

  readonly #sched: Scheduler
  readonly #owner: number

  /** `owner`: user id of whoever booted the machine. */
  constructor(sched: Scheduler, owner: number) {
    this.#sched = sched
    this.#owner = owner
  }

  capable(_cap: number): boolean {
    return this.privileged(this.#sched.current.cred.uid)
  }

  /** Is `uid` root, or as good as root here? */
  privileged(uid: number): boolean {
    return uid === 0 || uid === this.#owner
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
