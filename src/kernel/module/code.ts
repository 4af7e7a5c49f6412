// The code of modules that are gone. On Linux its memory is given back, so who still calls it
// jumps into nothing: an oops. Here the code would simply run; so it is asked before the calls that
// may come after the end of a module, those of timers, work and the like.

import type { MaybePromise } from '../../include/linux/types.ts'
import { isPromise } from '../../lib/steps.ts'
import { CodeGone } from '../fault.ts'
import type { Traps } from '../panic.ts'
import type { Task } from '../sched.ts'
import type { Module } from './module.ts'
import { realmOf } from './realm.ts'

/** A function of a driver, of which only matters whose it is. */
export type Callback = (...args: never[]) => unknown

/**
 * Looks through what it keeps, because a module is about to go: `isOf` says which functions and objects
 * are that module's.
 */
type Watcher = (isOf: (its: object | undefined) => boolean, mod: Module) => void

export class ModuleCode {
  readonly #traps: Traps
  /** Realms whose code is gone, with the module. */
  readonly #gone = new WeakMap<object, Module>()
  readonly #watchers: Watcher[] = []

  constructor(traps: Traps) {
    this.#traps = traps
  }

  onFree(watcher: Watcher): void {
    this.#watchers.push(watcher)
  }

  free(mod: Module): void {
    const { realm } = mod
    if (!realm) return
    const isOf = (its: object | undefined) => its !== undefined && realmOf(its) === realm
    for (const watcher of this.#watchers) watcher(isOf, mod)
    this.#gone.set(realm, mod)
  }

  /**
   * Call `fn`, which belongs to `owner`'s module, where nobody may sleep. What it throws is an
   * oops, and the answer undefined.
   */
  call<T>(fn: (arg: T) => unknown, arg: T, owner: Callback | undefined = fn): unknown {
    try {
      if (owner) this.check(owner)
      const answer = fn(arg)
      if (isPromise(answer)) answer.then(undefined, error => this.#traps.die(error))
      return answer
    } catch (exception) {
      this.#traps.die(exception)
      return undefined
    }
  }

  /** Throws what a jump to the function `its`, or to those of the table `its`, leads to if its module is gone. */
  check(its: object): void {
    const mod = this.#gone.get(realmOf(its))
    if (!mod) return
    const name = typeof its === 'function' ? its.name : ''
    const what = `${name || 'a function'}() of module ${mod.name}, which has been removed`
    throw new CodeGone(what, addressOf(mod, name))
  }

  /** What stands for `table` once its module is gone: nobody who calls one of its functions has to ask. */
  tombstone<T extends object>(table: T): T {
    return new Proxy(table, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key)
        return typeof value === 'function' ? () => this.check(value) : value
      },
    })
  }

  /** `task` sleeps in the code of `fn`, which is about to go: waking up, it finds nothing there. */
  orphan(task: Task, fn: Callback): void {
    const crash = () => void this.call(fn as () => MaybePromise<unknown>, undefined)
    for (const sleep of task.sleeps()) sleep.resume = crash
  }
}

/** Where the function was. */
function addressOf({ image, layout }: Module, name: string): bigint {
  const symbol = image.symbols.find(candidate => candidate.name === name)
  const section = symbol && layout.sections.get(symbol.section)
  return section === undefined ? layout.base : section + BigInt(symbol?.offset ?? 0)
}
