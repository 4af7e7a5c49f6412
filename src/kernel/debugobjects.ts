// Objects of drivers that are still in use when they may not be: timers and work of a module that
// goes, timers set up anew while they wait. Linux: lib/debugobjects.c.
//
// What it finds is reported and put right, as on Linux. `no_debug_objects` on the kernel command line
// turns it off: then what a module leaves behind calls code that is gone.

import { KERN_ERR } from '../include/linux/printk.ts'
import type { Callback, ModuleCode } from './module/code.ts'
import type { Traps } from './panic.ts'
import type { CommandLine } from './params/command_line.ts'

/** Linux reports no more than these. */
const MOST_REPORTS = 5

/** One type of objects. */
export interface debug_obj_descr<T> {
  readonly name: string
  /** Those that wait for their time. */
  readonly active: () => Iterable<T>
  /** What they call then. */
  readonly functionOf: (object: T) => Callback | undefined
  /** They are not to wait any more. */
  readonly remove: (object: T) => void
}

export class DebugObjects {
  readonly #traps: Traps
  readonly #code: ModuleCode
  #enabled = true
  #reports = 0

  constructor(traps: Traps, code: ModuleCode, command_line: CommandLine) {
    this.#traps = traps
    this.#code = code
    command_line.early_param('no_debug_objects', () => {
      this.#enabled = false
      return 0
    })
  }

  /** Look through these when a module goes. */
  watch<T>(descr: debug_obj_descr<T>): void {
    this.#code.onFree(isOf => {
      if (!this.#enabled) return
      for (const object of Array.from(descr.active())) {
        const fn = descr.functionOf(object)
        if (!isOf(fn)) continue
        this.debug_print_object('free active', descr.name, fn)
        descr.remove(object)
      }
    })
  }

  /** `what`: the act and the state of the object. */
  debug_print_object(what: string, type: string, hint: Callback | undefined): void {
    if (!this.#enabled || this.#reports++ >= MOST_REPORTS) return
    this.#traps.WARN(
      true,
      `${KERN_ERR}ODEBUG: %s (active state 0) object type: %s hint: %pS\n`,
      what,
      type,
      hint ?? 0,
    )
  }
}
