// Numbers that are addresses in the calling program, as pointers. Linux: include/linux/kernel.h.

import type { user_ptr } from '../include/linux/uaccess.ts'
import { process_ptr } from '../lib/usercopy.ts'
import type { Scheduler } from './sched.ts'

export class UserPointers {
  static readonly EXPORT_SYMBOL = ['u64_to_user_ptr'] as const

  readonly #sched: Pick<Scheduler, 'current'>

  constructor(sched: Pick<Scheduler, 'current'>) {
    this.#sched = sched
  }

  /** In C the address is all there is to a pointer; here it also has to say whose memory it is in. */
  u64_to_user_ptr(address: number | bigint): user_ptr {
    return new process_ptr(this.#sched.current.memory, BigInt(address))
  }
}
