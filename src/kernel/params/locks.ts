// One at a time sets or shows the parameters of a module. Linux: kernel_param_lock() in
// kernel/params.c.

import { mutex } from '../../include/linux/mutex.ts'
import type { module } from '../../include/linux/module.ts'
import type { MaybePromise } from '../../include/linux/types.ts'
import type { Mutexes } from '../locking/mutex.ts'

export class ParamLocks {
  static readonly EXPORT_SYMBOL = ['kernel_param_lock', 'kernel_param_unlock'] as const

  readonly #mutexes: Mutexes
  readonly #locks = new WeakMap<module, mutex>()
  /** For what is part of the kernel. */
  readonly #param_lock = new mutex()

  constructor(mutexes: Mutexes) {
    this.#mutexes = mutexes
  }

  kernel_param_lock(mod: module | undefined): MaybePromise<void> {
    return this.#mutexes.mutex_lock(this.#lockOf(mod))
  }

  kernel_param_unlock(mod: module | undefined): void {
    this.#mutexes.mutex_unlock(this.#lockOf(mod))
  }

  #lockOf(mod: module | undefined): mutex {
    if (!mod) return this.#param_lock
    const lock = this.#locks.get(mod) ?? new mutex()
    this.#locks.set(mod, lock)
    return lock
  }
}
