// What a module exports enters the symbol table: from then on it is on its way. Linux:
// complete_formation() and verify_exported_symbols() in kernel/module/main.c.

import { ENOEXEC } from '../../include/linux/errno.ts'
import { KERN_ERR } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { LoadTrace } from '../../lib/load_step.ts'
import type { Printk } from '../printk.ts'
import type { SymbolTable } from '../symbols.ts'
import type { Module } from './module.ts'

interface Needs {
  symbols: SymbolTable
  log: Printk
}

/** Export the symbols of `mod`; -ENOEXEC if somebody else exports one of them. */
export function complete_formation(
  { symbols, log }: Needs,
  mod: Module,
  trace: LoadTrace,
): errno_t {
  const err = verify_exported_symbols({ symbols, log }, mod, trace)
  if (err) return err
  for (const exported of mod.exports) {
    const crc = mod.image.exports.find(({ name }) => name === exported.name)?.crc
    symbols.add({ ...exported, crc, owner: mod.name })
  }
  mod.state = 'coming'
  trace?.({ step: 'state', state: 'coming' })
  return 0
}

function verify_exported_symbols(
  { symbols, log }: Needs,
  mod: Module,
  trace: LoadTrace,
): errno_t {
  for (const { name, gpl_only: gpl, namespace } of mod.exports) {
    const other = symbols.find(name)
    const owner = other ? (other.owner ?? 'kernel') : ''
    trace?.({ step: 'export', name, gpl, namespace, owner })
    if (!other) continue
    log.printk(
      `${KERN_ERR}%s: exports duplicate symbol %s (owned by %s)\n`,
      mod.name,
      name,
      owner,
    )
    return -ENOEXEC
  }
  return 0
}
