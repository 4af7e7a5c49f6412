// /proc/kallsyms: every symbol with its address and type; and /proc/ksyms, which Linux had up to
// 2.4, of the exported ones. Linux: kernel/kallsyms.c, kernel/module/kallsyms.c.

import type { KernelSymbol } from '../symbols.ts'
import type { Module } from './module.ts'

/** Where the kernel's own symbols begin, and how far apart they are. */
export const KERNEL_BASE = 0xffffffff81000000n
export const SYMBOL_SIZE = 0x40n
/** The same of their entries in the table of exported symbols. */
const KSYMTAB_BASE = 0xffffffff82000000n
const KSYMTAB_SIZE = 12n

/** Addresses are zero for those who may not see them. */
export function kallsyms_show(
  symbols: readonly KernelSymbol[],
  modules: readonly Module[],
  showAddresses: boolean,
): string {
  const shown = hexadecimal(showAddresses)
  const kernel = kernelSymbols(symbols).flatMap(({ name, isFunction, address }, i) => [
    `${shown(address)} ${isFunction ? 'T' : 'D'} ${name}\n`,
    // What makes it an exported one: depmod looks for these.
    `${shown(KSYMTAB_BASE + BigInt(i) * KSYMTAB_SIZE)} r __ksymtab_${name}\n`,
  ])
  // The oldest module first, as in Linux's list of symbols.
  const ofModules = modules.toReversed().flatMap(mod =>
    symbolsOf(mod).map(({ name, address, type }) => {
      return `${shown(address)} ${type} ${name}\t[${mod.name}]\n`
    }),
  )
  return [...kernel, ...ofModules].join('')
}

/** As in 2.4: what modules export, the newest module first, then what the kernel does. */
export function ksyms_show(
  symbols: readonly KernelSymbol[],
  modules: readonly Module[],
  showAddresses: boolean,
): string {
  const shown = hexadecimal(showAddresses)
  const ofModules = modules.flatMap(mod =>
    symbols
      .filter(({ owner }) => owner === mod.name)
      .map(({ name }) => `${shown(addressOf(mod, name))} ${name}\t[${mod.name}]\n`),
  )
  const kernel = kernelSymbols(symbols).map(
    ({ name, address }) => `${shown(address)} ${name}\n`,
  )
  return [...ofModules, ...kernel].join('')
}

const hexadecimal = (showAddresses: boolean) => (address: bigint) =>
  (showAddresses ? address : 0n).toString(16).padStart(16, '0')

interface Placed {
  name: string
  isFunction: boolean
  address: bigint
}

/** The function that every module's __versions names: it stands for the layout of struct module. */
const MODULE_LAYOUT = { name: 'module_layout', isFunction: true }

function kernelSymbols(symbols: readonly KernelSymbol[]): Placed[] {
  const own = symbols
    .filter(({ owner }) => owner === undefined)
    .map(({ name, get }) => ({ name, isFunction: typeof get() === 'function' }))
  return [...own, MODULE_LAYOUT].map((symbol, i) => ({
    ...symbol,
    address: KERNEL_BASE + BigInt(i) * SYMBOL_SIZE,
  }))
}

interface ModuleSymbol {
  name: string
  address: bigint
  /** nm(1)'s letter; a capital one for what EXPORT_SYMBOL exports. */
  type: string
}

function symbolsOf(mod: Module): ModuleSymbol[] {
  const values = exportedVariables(mod)
  const exported = new Set(
    mod.exports.filter(({ gpl_only }) => !gpl_only).map(({ name }) => name),
  )
  return mod.image.symbols
    .filter(({ name, section }) => mod.state === 'coming' || !isInit(mod, name, section))
    .flatMap(({ name, section, offset }) => {
      const base = mod.layout.sections.get(section)
      if (base === undefined) return [] // not loaded
      const type = values.has(name) ? 'd' : symbolType(section)
      return {
        name,
        address: base + BigInt(offset),
        type: exported.has(name) ? type.toUpperCase() : type,
      }
    })
}

/** A script's variables are in its text; nm(1) would call them data. */
function exportedVariables({ exports }: Module): Set<string> {
  return new Set(
    exports
      .filter(({ get }) => typeof valueOf(get) !== 'function')
      .map(({ name }) => name),
  )
}

/** A variable that is not initialised yet has none. */
function valueOf(get: () => unknown): unknown {
  try {
    return get()
  } catch {
    return undefined
  }
}

/** Is it given back when init is done? */
function isInit(mod: Module, name: string, section: string): boolean {
  return section.startsWith('.init') || name === 'init_module' || name === mod.init?.name
}

function addressOf(mod: Module, name: string): bigint {
  const symbol = mod.image.symbols.find(candidate => candidate.name === name)
  const base = symbol && mod.layout.sections.get(symbol.section)
  return base === undefined ? 0n : base + BigInt(symbol?.offset ?? 0)
}

/** nm(1)'s letter: code, data, cleared data, constants. */
function symbolType(section: string): 't' | 'd' | 'b' | 'r' {
  if (section === '.script' || section.includes('.text')) return 't'
  if (section === '.bss') return 'b'
  return section.startsWith('.gnu.linkonce') || section.endsWith('.data') ? 'd' : 'r'
}
