// /proc/kallsyms: every symbol with its address and type; and /proc/ksyms, which Linux had up to
// 2.4, of the exported ones. Linux: kernel/kallsyms.c, kernel/module/kallsyms.c.

import type { ModuleSection } from '../../elf/module_image.ts'
import { SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS } from '../../include/uapi/elf.ts'
import type { KernelSymbol } from '../symbols.ts'
import { module_init_section } from './layout.ts'
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
  const exported = new Set(
    mod.exports.filter(({ gpl_only }) => !gpl_only).map(({ name }) => name),
  )
  const sections = new Map(mod.image.sections.map(section => [section.name, section]))
  return mod.image.symbols
    .filter(({ section }) => mod.state === 'coming' || !module_init_section(section))
    .flatMap(({ name, section, offset }) => {
      const base = mod.layout.sections.get(section)
      const placed = sections.get(section)
      if (base === undefined || !placed) return [] // not loaded
      const type = elf_type(placed)
      return {
        name,
        address: base + BigInt(offset),
        type: exported.has(name) ? type.toUpperCase() : type,
      }
    })
}

function addressOf(mod: Module, name: string): bigint {
  const symbol = mod.image.symbols.find(candidate => candidate.name === name)
  const base = symbol && mod.layout.sections.get(symbol.section)
  return base === undefined ? 0n : base + BigInt(symbol?.offset ?? 0)
}

/** nm(1)'s letter: code, cleared data, data, constants. */
function elf_type({ type, flags }: ModuleSection): 't' | 'b' | 'd' | 'r' {
  if (flags & SHF_EXECINSTR) return 't'
  if (type === SHT_NOBITS) return 'b'
  return flags & SHF_WRITE ? 'd' : 'r'
}
