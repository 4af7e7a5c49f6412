// The list of modules, newest first, and who may take a place in it. Linux: `modules` and
// add_unformed_module() in kernel/module/main.c.

import { EBUSY, EEXIST, EINTR } from '../../include/linux/errno.ts'
import type { errno_t } from '../../include/linux/types.ts'
import { wait_queue_head } from '../../include/linux/wait.ts'
import type { LoadTrace } from '../../lib/load_step.ts'
import type { WaitQueues } from '../wait.ts'
import { inOrder, type Layout } from './layout.ts'
import type { Module, ModuleState } from './module.ts'

export class ModuleList {
  /** By name, the oldest first. */
  readonly #modules = new Map<string, Module>()
  /** Where they are, in the order of their addresses. */
  #layouts: readonly Layout[] = []
  /** Woken when a module stops loading or is gone. */
  readonly #wq = new wait_queue_head()
  readonly #wait: WaitQueues

  constructor(wait: WaitQueues) {
    this.#wait = wait
  }

  /** Newest first, with those that only have a name. */
  all(): readonly Module[] {
    return [...this.#modules.values()].toReversed()
  }

  /** How many have a name. */
  get size(): number {
    return this.#modules.size
  }

  /** Newest first, those that may be seen. */
  formed(): readonly Module[] {
    return this.all().filter(mod => mod.state !== 'unformed')
  }

  find(name: string): Module | undefined {
    const mod = this.#modules.get(name)
    return mod?.state === 'unformed' ? undefined : mod
  }

  /** In the order of their addresses. */
  layouts(): readonly Layout[] {
    return this.#layouts
  }

  /** Take the name. If a module of that name is just loading, see what becomes of it. */
  async add_unformed_module(mod: Module, trace?: LoadTrace): Promise<errno_t> {
    const other = this.#state(mod.name)
    const err = other === undefined ? 0 : await this.#taken(mod.name, other)
    const was = other === undefined ? {} : { other }
    trace?.({ step: 'list', name: mod.name, ...was, err })
    if (err === 0) this.#add(mod)
    return err
  }

  #add(mod: Module): void {
    this.#modules.set(mod.name, mod)
    this.#layouts = inOrder(this.#layouts, mod.layout)
  }

  async #taken(name: string, state: ModuleState): Promise<errno_t> {
    if (state === 'going') return -EBUSY
    if (state === 'live') return -EEXIST
    const settled = () => !isLoading(this.#state(name))
    if (await this.#wait.wait_event_interruptible(this.#wq, settled)) return -EINTR
    // It was the same module: if it failed for the other, do not try it again at once.
    return this.#state(name) === 'live' ? -EEXIST : -EBUSY
  }

  /** Of the module that has the name, seen or not. */
  #state(name: string): ModuleState | undefined {
    return this.#modules.get(name)?.state
  }

  /** Wait until `mod` is no longer loading, at most so long; false if the time was over. */
  async finished_loading(mod: Module, msecs: number): Promise<boolean> {
    let over = false
    const timer = setTimeout(() => {
      over = true
      this.wake()
    }, msecs)
    const settled = () =>
      over || !isLoading(mod.state) || this.#modules.get(mod.name) !== mod
    const err = await this.#wait.wait_event_interruptible(this.#wq, settled)
    clearTimeout(timer)
    return err === 0 && !over
  }

  remove(mod: Module): void {
    this.#modules.delete(mod.name)
    this.#layouts = this.#layouts.filter(other => other !== mod.layout)
    this.wake()
  }

  /** Tell who waits that a module's state has changed. */
  wake(): void {
    this.#wait.wake_up_all(this.#wq)
  }
}

/** It may yet become a live one. */
function isLoading(state: ModuleState | undefined): boolean {
  return state === 'coming' || state === 'unformed'
}
