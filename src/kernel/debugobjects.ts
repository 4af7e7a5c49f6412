// Objects of drivers that are still in use when they may not be: timers and work of a module that
// goes, timers set up anew while they wait. Linux: lib/debugobjects.c.
//
// Linux does not look for other things that a module has registered and left: numbers, nodes, files.
// Here they are named in the same words, in one line each.
//
// What it finds is reported and put right, as on Linux. `no_debug_objects` on the kernel command line
// turns it off: then what a module leaves behind calls code that is gone.

import { KERN_ERR } from '../include/linux/printk.ts'
import { KeptStack } from '../lib/kept_stack.ts'
import { place } from './dumpstack.ts'
import type { Callback, ModuleCode } from './module/code.ts'
import type { Module } from './module/module.ts'
import type { Traps } from './panic.ts'
import type { CommandLine } from './params/command_line.ts'
import type { Printk } from './printk.ts'
import { scriptName, type StackTraces } from './stack.ts'

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

/** Something that is registered, and where that was. */
interface Activated {
  readonly type: string
  readonly name: string
  readonly where: KeptStack
  /** Of the module that did it, once that is known; '' is the kernel itself. */
  script?: string
}

/** Calls that are kept of who registers. */
const DEPTH = 10
/** So many of a module's things are named. */
const MOST_LEFT = 20

interface Needs {
  traps: Traps
  code: ModuleCode
  stacks: StackTraces
  log: Printk
  command_line: CommandLine
}

export class DebugObjects {
  readonly #traps: Traps
  readonly #code: ModuleCode
  readonly #stacks: StackTraces
  readonly #log: Printk
  readonly #activated = new Map<object, Activated>()
  /** Those of which it is not known yet whose they are: finding out takes longer than keeping the stack. */
  readonly #unsorted = new Set<object>()
  readonly #byScript = new Map<string, Set<object>>()
  #enabled = true
  #reports = 0

  constructor({ traps, code, stacks, log, command_line }: Needs) {
    this.#traps = traps
    this.#code = code
    this.#stacks = stacks
    this.#log = log
    code.onFree((_isOf, mod) => this.#left(mod))
    command_line.early_param('no_debug_objects', () => {
      this.#enabled = false
      return 0
    })
  }

  /** `object` is registered from now on, under `name`. */
  debug_object_activate(type: string, object: object, name: string): void {
    if (!this.#enabled) return
    this.debug_object_deactivate(object)
    this.#activated.set(object, { type, name, where: new KeptStack(DEPTH) })
    this.#unsorted.add(object)
  }

  debug_object_deactivate(object: object): void {
    const script = this.#activated.get(object)?.script
    this.#activated.delete(object)
    if (script === undefined) this.#unsorted.delete(object)
    else this.#byScript.get(script)?.delete(object)
  }

  /** Name what module `mod` has left. It stays: nobody else can take it away. */
  #left(mod: Module): void {
    this.#sort()
    const script = scriptName(mod)
    const left = [...(this.#byScript.get(script) ?? [])]
    this.#byScript.delete(script)
    for (const [i, object] of left.entries()) {
      const activated = this.#activated.get(object)
      this.#activated.delete(object)
      if (activated && i < MOST_LEFT) this.#name(activated)
    }
    const more = left.length - MOST_LEFT
    const format = `${KERN_ERR}ODEBUG: %d more of module %s\n`
    if (more > 0) this.#log.printk(format, more, mod.name)
  }

  /** While all modules are there that may be in the stacks. */
  #sort(): void {
    for (const object of this.#unsorted) {
      const activated = this.#activated.get(object)
      if (!activated) continue
      const script = this.#stacks.scriptOf(activated.where) ?? ''
      activated.script = script
      this.#byScript.set(script, (this.#byScript.get(script) ?? new Set()).add(object))
    }
    this.#unsorted.clear()
  }

  #name({ type, name, where }: Activated): void {
    const [hint] = this.#stacks.driversFrames(where)
    if (!hint) return
    const format = `${KERN_ERR}ODEBUG: free active (active state 0) object: %s object type: %s hint: %s\n`
    this.#log.printk(format, name, type, place(hint))
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

/** Where it is noted what is registered, and by whom. */
export type Registered = Pick<
  DebugObjects,
  'debug_object_activate' | 'debug_object_deactivate'
>
