// Which module's memory is whose: the functions that each module gets, and what is left when it goes.

import type { Module } from '../kernel/module/module.ts'
import type { SymbolTable } from '../kernel/symbols.ts'
import type { Allocation } from './allocation.ts'
import { type CacheNeeds, KmemCaches } from './kmem_cache.ts'
import { type MemoryNeeds, ModuleMemory } from './slab_common.ts'
import { MemoryCopies } from './util.ts'

/** Of one module, or of the kernel itself. */
interface Owner {
  memory: ModuleMemory
  caches: KmemCaches
  copies: MemoryCopies
}

export class MemoryOwners {
  readonly #needs: MemoryNeeds & CacheNeeds
  readonly #kernel: Owner
  readonly #modules = new WeakMap<Module, Owner>()

  constructor(needs: MemoryNeeds & CacheNeeds) {
    this.#needs = needs
    this.#kernel = this.#make(undefined)
  }

  exportTo(symbols: SymbolTable): void {
    symbols.exportPerModule(ModuleMemory, mod => this.#of(mod).memory)
    symbols.exportPerModule(KmemCaches, mod => this.#of(mod).caches)
    symbols.exportPerModule(MemoryCopies, mod => this.#of(mod).copies)
  }

  /** Nobody can free what `mod` has not. */
  module_freed(mod: Module): void {
    this.#modules.get(mod)?.memory.module_freed()
  }

  #of(mod: Module | undefined): Owner {
    if (!mod) return this.#kernel
    const known = this.#modules.get(mod)
    if (known) return known
    const owner = this.#make(mod)
    this.#modules.set(mod, owner)
    return owner
  }

  #make(mod: Module | undefined): Owner {
    const memory = new ModuleMemory(this.#needs, mod, new Set<Allocation>())
    const caches = new KmemCaches(this.#needs, memory)
    return { memory, caches, copies: new MemoryCopies(memory) }
  }
}
