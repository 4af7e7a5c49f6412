// schedule() as a module calls it: it gives a promise of the module's own realm. To await the kernel's
// takes a second one, and each sleeper would have it for as long as he sleeps.

import type { Scheduler } from '../sched.ts'
import type { Module } from './module.ts'

export class ModuleSchedule {
  static readonly EXPORT_SYMBOL = ['schedule', 'io_schedule'] as const

  readonly #sched: Scheduler
  readonly #mod: Module | undefined

  /** `mod`: undefined for the kernel itself. */
  constructor(sched: Scheduler, mod: Module | undefined) {
    this.#sched = sched
    this.#mod = mod
  }

  schedule(): Promise<void> {
    return this.#sched.schedule_in(this.#mod?.promise ?? Promise)
  }

  /** As schedule(); Linux also accounts the time as waiting for a device. */
  io_schedule(): Promise<void> {
    return this.schedule()
  }
}
