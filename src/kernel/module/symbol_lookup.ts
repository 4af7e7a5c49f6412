// Which function this is, or what lies at an address: what %pS prints. Linux: kernel/kallsyms.c,
// kernel/module/kallsyms.c, lookup_symbol_name() and its like.

import type { SymbolPlace } from '../../lib/vsprintf.ts'
import type { KernelSymbol, SymbolTable } from '../symbols.ts'
import { KERNEL_BASE, SYMBOL_SIZE } from './kallsyms.ts'
import type { Module } from './module.ts'
import { realmOf } from './realm.ts'

export type FoundSymbol = SymbolPlace & { address?: bigint }

type Function = (...args: never[]) => unknown

export class SymbolLookup {
  readonly #symbols: SymbolTable
  readonly #modules: () => readonly Module[]

  constructor(symbols: SymbolTable, modules: () => readonly Module[]) {
    this.#symbols = symbols
    this.#modules = modules
  }

  /** `pointer` is a function, or an address. */
  lookup(pointer: unknown): FoundSymbol | undefined {
    if (typeof pointer === 'function') return this.#function(pointer as Function)
    if (typeof pointer === 'number' && !Number.isInteger(pointer)) return undefined
    if (typeof pointer !== 'bigint' && typeof pointer !== 'number') return undefined
    const address = BigInt.asUintN(64, BigInt(pointer))
    return this.#inModules(address) ?? this.#inKernel(address)
  }

  /** A function knows its name, but for the kernel's symbols; the realm it was made in tells the module. */
  #function(fn: Function): FoundSymbol {
    const name = fn.name.replace(/^bound /, '') || '<anonymous>'
    const realm = realmOf(fn)
    const mod = this.#modules().find(candidate => candidate.realm === realm)
    if (!mod) return this.#kernelFunction(fn, name)
    const symbol = mod.image.symbols.find(candidate => candidate.name === name)
    const base = symbol && mod.layout.sections.get(symbol.section)
    const place = { name, offset: 0, module: mod.name, size: symbol?.size ?? 0 }
    if (!symbol || base === undefined) return place
    return { ...place, address: base + BigInt(symbol.offset) }
  }

  #kernelFunction(fn: Function, name: string): FoundSymbol {
    const symbols = this.#kernelSymbols()
    const its = symbols.findIndex(({ get }) => get() === fn)
    const at = its < 0 ? symbols.findIndex(symbol => symbol.name === name) : its
    const place = { name: symbols[at]?.name ?? name, offset: 0, size: SYMBOL_SIZE }
    return at < 0 ? place : { ...place, address: KERNEL_BASE + BigInt(at) * SYMBOL_SIZE }
  }

  #inModules(address: bigint): FoundSymbol | undefined {
    for (const mod of this.#modules()) {
      for (const { name, section, offset, size } of mod.image.symbols) {
        const base = mod.layout.sections.get(section)
        if (base === undefined) continue
        const start = base + BigInt(offset)
        if (address < start || address >= start + BigInt(Math.max(size, 1))) continue
        return { name, offset: address - start, size, module: mod.name, address: start }
      }
    }
    return undefined
  }

  #inKernel(address: bigint): FoundSymbol | undefined {
    if (address < KERNEL_BASE) return undefined
    const at = (address - KERNEL_BASE) / SYMBOL_SIZE
    const symbol = this.#kernelSymbols()[Number(at)]
    if (!symbol) return undefined
    const start = KERNEL_BASE + at * SYMBOL_SIZE
    const { name } = symbol
    return { name, offset: address - start, size: SYMBOL_SIZE, address: start }
  }

  #kernelSymbols(): KernelSymbol[] {
    return this.#symbols.all().filter(({ owner }) => owner === undefined)
  }
}
