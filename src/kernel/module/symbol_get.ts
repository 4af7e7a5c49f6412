// Symbols by name, at run time. Linux: __symbol_get() and its kin in kernel/module/main.c.

import { KERN_WARNING } from '../../include/linux/printk.ts'
import type { Traps } from '../panic.ts'
import type { Printk } from '../printk.ts'
import type { SymbolTable } from '../symbols.ts'
import { strong_try_module_get } from './link.ts'
import type { Modules } from './main.ts'
import type { Module } from './module.ts'

interface Needs {
  log: Printk
  traps: Traps
  symbols: SymbolTable
  modules: Modules
}

export class SymbolGet {
  static readonly EXPORT_SYMBOL = ['__symbol_put'] as const
  static readonly EXPORT_SYMBOL_GPL = ['__symbol_get', 'symbol_put_addr'] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** The symbol's value, and a reference on its module; null if there is none for us. */
  __symbol_get(name: string): unknown {
    const { log, symbols } = this.#needs
    const symbol = symbols.find(name)
    if (!symbol) return null
    if (!symbol.gpl_only) {
      log.printk(`${KERN_WARNING}failing symbol_get of non-GPLONLY symbol %s.\n`, name)
      return null
    }
    const owner = this.#owner(symbol.owner)
    return owner && strong_try_module_get(owner) ? null : symbol.get()
  }

  /** A bug in the caller if nobody exports it. */
  __symbol_put(name: string): void {
    const { modules, symbols, traps } = this.#needs
    const symbol = symbols.find(name)
    if (!symbol) traps.BUG()
    else modules.module_put(this.#owner(symbol.owner))
  }

  /** By the value that __symbol_get() gave. */
  symbol_put_addr(value: unknown): void {
    const { modules, symbols, traps } = this.#needs
    const symbol = symbols.all().find(candidate => candidate.get() === value)
    if (!symbol) traps.BUG()
    else modules.module_put(this.#owner(symbol.owner))
  }

  #owner(name: string | undefined): Module | undefined {
    return name === undefined ? undefined : this.#needs.modules.find_module(name)
  }
}
