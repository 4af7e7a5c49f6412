// Who may do what. Linux: kernel/capability.c.

import type { task_struct } from '../include/linux/sched.ts'
import type { file } from '../include/linux/fs.ts'
import type { user_namespace } from '../include/linux/uidgid.ts'
import { CAP_LAST_CAP } from '../include/uapi/capability.ts'
import { Bug } from '../lib/bug.ts'
import type { Scheduler, Task } from './sched.ts'

export class Capabilities {
  static readonly EXPORT_SYMBOL = [
    'capable',
    'ns_capable',
    'ns_capable_noaudit',
    'ns_capable_setid',
    'file_ns_capable',
    'has_capability',
    'current_uid',
    'current_gid',
    'current_euid',
  ] as const

  readonly #sched: Scheduler

  constructor(sched: Scheduler) {
    this.#sched = sched
  }

  capable(cap: number): boolean {
    if (!isCapability(cap)) {
      throw new Bug(undefined, `capable() called with invalid cap=${cap >>> 0}`)
    }
    return this.#sched.current.capable(cap)
  }

  ns_capable(_ns: user_namespace, cap: number): boolean {
    return this.capable(cap)
  }

  ns_capable_noaudit(_ns: user_namespace, cap: number): boolean {
    return this.capable(cap)
  }

  ns_capable_setid(_ns: user_namespace, cap: number): boolean {
    return this.capable(cap)
  }

  file_ns_capable({ f_cred }: file, _ns: user_namespace, cap: number): boolean {
    return isCapability(cap) && f_cred.uid === 0
  }

  has_capability(t: task_struct, cap: number): boolean {
    return isCapability(cap) && (t as Task).capable(cap)
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

function isCapability(cap: number): boolean {
  return cap >= 0 && cap <= CAP_LAST_CAP
}
