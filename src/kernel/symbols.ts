// The kernel's symbol table: what EXPORT_SYMBOL exported. Linux: kernel/module/main.c, kallsyms.c.

import type { Module } from './module/module.ts'

/** One exported name. */
export interface KernelSymbol {
  readonly name: string
  /** The present value. */
  readonly get: () => unknown
  /** The value that a module of its own gets: it knows who calls. */
  readonly getFor?: (mod: Module) => unknown
  readonly gpl_only: boolean
  readonly namespace: string
  /** Of its signature, as modpost saw it. */
  readonly crc: number | undefined
  /** Name of the module that exports it; undefined for the kernel itself. */
  readonly owner: string | undefined
}

/** What a subsystem's class says of the members that drivers may use. */
interface Exports {
  EXPORT_SYMBOL?: readonly string[]
  EXPORT_SYMBOL_GPL?: readonly string[]
}

type Members = Record<string, unknown>

/** CRCs of the kernel's own exports, by name. */
export type Symvers = ReadonlyMap<string, number>

export class SymbolTable {
  readonly #symbols = new Map<string, KernelSymbol>()
  readonly #symvers: Symvers

  constructor(symvers: Symvers = new Map()) {
    this.#symvers = symvers
  }

  find(name: string): KernelSymbol | undefined {
    return this.#symbols.get(name)
  }

  /** All of them, in the order in which they were exported. */
  all(): KernelSymbol[] {
    return [...this.#symbols.values()]
  }

  crc(name: string): number | undefined {
    return this.#symvers.get(name)
  }

  add(symbol: KernelSymbol): void {
    this.#symbols.set(symbol.name, symbol)
  }

  remove(name: string): void {
    this.#symbols.delete(name)
  }

  /** Export what the classes of subsystems list; methods stay bound to their subsystem. */
  exportFrom(...subsystems: readonly object[]): void {
    for (const subsystem of subsystems) {
      const { EXPORT_SYMBOL = [], EXPORT_SYMBOL_GPL = [] } =
        subsystem.constructor as Exports
      for (const name of EXPORT_SYMBOL) this.#exportMember(subsystem, name, false)
      for (const name of EXPORT_SYMBOL_GPL) this.#exportMember(subsystem, name, true)
    }
  }

  /** Export what a class lists, of which `of` gives each module, and the kernel, an object of its own. */
  exportPerModule(
    { EXPORT_SYMBOL = [] }: Exports,
    of: (mod: Module | undefined) => object,
  ): void {
    const kernels = of(undefined) as Members
    for (const name of EXPORT_SYMBOL) {
      const bound = (mod: Module) => {
        const members = of(mod) as Members
        return (members[name] as () => unknown).bind(members)
      }
      const own: unknown = (kernels[name] as () => unknown).bind(kernels)
      this.#export(name, () => own, false, bound)
    }
  }

  /** Export functions that need no subsystem. */
  exportFunctions(functions: Record<string, unknown>): void {
    for (const [name, fn] of Object.entries(functions))
      this.#export(name, () => fn, false)
  }

  #exportMember(subsystem: object, name: string, gpl: boolean): void {
    const members = subsystem as Members
    const member = members[name]
    if (typeof member !== 'function') {
      this.#export(name, () => members[name], gpl)
      return
    }
    const bound: unknown = member.bind(subsystem)
    this.#export(name, () => bound, gpl)
  }

  #export(
    name: string,
    get: () => unknown,
    gpl_only: boolean,
    getFor?: (mod: Module) => unknown,
  ): void {
    this.add({
      name,
      get,
      ...(getFor && { getFor }),
      gpl_only,
      namespace: '',
      crc: this.#symvers.get(name),
      owner: undefined,
    })
  }
}
