// Linking: find the kernel function behind each undefined symbol of a module, then evaluate the
// module's script. Linux: resolve_symbol() and simplify_symbols() in kernel/module/main.c.

import vm from 'node:vm'
import { EINVAL, ENOENT } from '../../include/linux/errno.ts'
import { KERN_ERR, KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { Printk } from '../printk.ts'
import type { KernelSymbol, SymbolTable } from '../symbols.ts'
import { TAINT_PROPRIETARY_MODULE } from '../taint.ts'
import type { Module } from './module.ts'
import { check_version } from './version.ts'

const PROPRIETARY = 1 << TAINT_PROPRIETARY_MODULE

/** The prefix under which kbuild leaves undefined symbols to be asked for. */
const SYMBOL_PREFIX = 'vmlinux:'

interface Needs {
  log: Printk
  symbols: SymbolTable
  /** The loaded module of that name. */
  find_module: (name: string) => Module | undefined
}

/** The symbols that a module asked for, by name. */
export type Resolved = Map<string, KernelSymbol>

/** Resolve them all: each that cannot be is logged, and the last error returned. */
export function simplify_symbols(needs: Needs, mod: Module): Resolved | errno_t {
  const resolved: Resolved = new Map()
  let result: errno_t = 0
  for (const name of mod.image.undefined) {
    const symbol = resolve_symbol(needs, mod, name)
    if (typeof symbol !== 'number') {
      resolved.set(name, symbol)
      continue
    }
    result = symbol
    needs.log.printk(
      `${KERN_WARNING}%s: Unknown symbol %s (err %d)\n`,
      mod.name,
      name,
      symbol,
    )
  }
  return result || resolved
}

function resolve_symbol(
  { log, symbols, find_module }: Needs,
  mod: Module,
  name: string,
): KernelSymbol | errno_t {
  const symbol = symbols.find(name)
  if (!symbol || (symbol.gpl_only && mod.taints & PROPRIETARY)) return -ENOENT
  if (symbol.gpl_only) mod.using_gplonly_symbols = true

  const owner = symbol.owner === undefined ? undefined : find_module(symbol.owner)
  if (owner && !inherit_taint(log, mod, owner, name)) return -ENOENT
  const err = check_version(log, mod.image, symbol) || checkNamespace(log, mod, symbol)
  if (err) return err
  if (owner) use(mod, owner)
  return symbol
}

/** False for a module that has symbols for GPL modules only and now wants those of the others. */
function inherit_taint(log: Printk, mod: Module, owner: Module, name: string): boolean {
  if (!(owner.taints & PROPRIETARY)) return true
  if (mod.using_gplonly_symbols) {
    log.printk(
      `${KERN_ERR}%s: module using GPL-only symbols uses symbols %s from proprietary module %s.\n`,
      mod.name,
      name,
      owner.name,
    )
    return false
  }
  if (mod.taints & PROPRIETARY) return true
  log.printk(
    `${KERN_WARNING}%s: module uses symbols %s from proprietary module %s, inheriting taint.\n`,
    mod.name,
    name,
    owner.name,
  )
  mod.taints |= PROPRIETARY
  return true
}

function checkNamespace(
  log: Printk,
  mod: Module,
  { name, namespace }: KernelSymbol,
): errno_t {
  if (!namespace || mod.infoAll('import_ns').includes(namespace)) return 0
  log.printk(
    `${KERN_ERR}%s: module uses symbol (%s) from namespace %s, but does not import it.\n`,
    mod.name,
    name,
    namespace,
  )
  return -EINVAL
}

/** `mod` holds one reference on each module whose symbols it uses. */
function use(mod: Module, owner: Module): void {
  if (mod.uses.has(owner)) return
  mod.uses.add(owner)
  owner.users.unshift(mod)
  owner.refs++
}

/** Give back what use() took. */
export function module_unload_free(mod: Module): void {
  for (const owner of mod.uses) {
    owner.users.splice(owner.users.indexOf(mod), 1)
    owner.refs--
  }
  mod.uses.clear()
}

/**
 * Evaluate the module's script, in a vm context of its own: it sees the language and the symbols
 * it asked for, nothing of Node. Its macros leave what they define in `mod`.
 */
export function run(mod: Module, resolved: Resolved, scriptName: string): void {
  const evaluate = vm.compileFunction(
    mod.image.script,
    ['require', 'module', 'exports', '__this_module'],
    { filename: scriptName, parsingContext: vm.createContext({}, { name: mod.name }) },
  ) as (require: unknown, module: unknown, exports: unknown, self: Module) => void
  const exports = {}
  evaluate((id: string) => symbolView(resolved, id), { exports }, exports, mod)
}

/** What `require("vmlinux:printk")` gives: an object whose one property is the symbol's value now. */
function symbolView(resolved: Resolved, id: string): object {
  const name = id.slice(SYMBOL_PREFIX.length)
  const symbol = resolved.get(name)
  if (!symbol) throw new Error(`${id} is not in the symbol table of the module`)

  const value = symbol.get()
  // A function of the kernel stays the same, so no getter slows its calls down.
  const constant = typeof value === 'function' && symbol.owner === undefined
  return Object.freeze(
    Object.defineProperty({}, name, constant ? { value } : { get: symbol.get }),
  )
}
