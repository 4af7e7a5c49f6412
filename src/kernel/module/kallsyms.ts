// /proc/kallsyms: every symbol with its address. Linux: kernel/kallsyms.c, kernel/module/kallsyms.c.

import type { KernelSymbol } from '../symbols.ts'
import type { Module } from './module.ts'

/** Where the kernel's own symbols begin, and how far apart they are. */
const KERNEL_BASE = 0xffffffff81000000n
const SYMBOL_SIZE = 0x40n

/** Addresses are zero for those who may not see them. */
export function kallsyms_show(
  symbols: readonly KernelSymbol[],
  modules: readonly Module[],
  showAddresses: boolean,
): string {
  const address = (n: bigint) => (showAddresses ? n : 0n).toString(16).padStart(16, '0')
  const kernel = symbols
    .filter(symbol => symbol.owner === undefined)
    .map((symbol, i) => {
      const type = typeof symbol.get() === 'function' ? 'T' : 'D'
      return `${address(KERNEL_BASE + BigInt(i) * SYMBOL_SIZE)} ${type} ${symbol.name}\n`
    })
  const ofModules = modules.flatMap(mod =>
    mod.image.symbols.map(({ name, section, offset, global }) => {
      const base = mod.layout.sections.get(section) ?? mod.layout.base
      const type = symbolType(section)
      const shown = global ? type.toUpperCase() : type
      return `${address(base + BigInt(offset))} ${shown} ${name}\t[${mod.name}]\n`
    }),
  )
  return [...kernel, ...ofModules].join('')
}

/** nm(1)'s letter: code, constants, data. */
function symbolType(section: string): 't' | 'r' | 'd' {
  if (section === '.script') return 't'
  return section.startsWith('.gnu.linkonce') || section === '.data' ? 'd' : 'r'
}
