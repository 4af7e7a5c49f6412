// Linking: find the kernel function behind each undefined symbol of a module. Linux:
// resolve_symbol() and simplify_symbols() in kernel/module/main.c.

import { EBUSY, EINVAL, ENOENT } from '../../include/linux/errno.ts'
import { KERN_ERR, KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { LoadTrace } from '../../lib/load_step.ts'
import type { Printk } from '../printk.ts'
import type { KernelSymbol, SymbolTable } from '../symbols.ts'
import { TAINT_PROPRIETARY_MODULE } from '../taint.ts'
import type { ModuleList } from './list.ts'
import type { LoadInfo } from './load_info.ts'
import type { Module } from './module.ts'
import type { Versions } from './version.ts'

/** How long to wait for the init of a module whose symbol is needed, in milliseconds. */
const PATIENCE = 30_000

const PROPRIETARY = 1 << TAINT_PROPRIETARY_MODULE

interface Needs {
  log: Printk
  symbols: SymbolTable
  versions: Versions
  list: ModuleList
}

/** The symbols that a module asked for, by name. */
export type Resolved = Map<string, KernelSymbol>

/** Resolve them all: each that cannot be is logged, and the last error returned. */
export async function simplify_symbols(
  needs: Needs,
  mod: Module,
  info: LoadInfo,
  trace?: LoadTrace,
): Promise<Resolved | errno_t> {
  const resolved: Resolved = new Map()
  let result: errno_t = 0
  for (const name of mod.image.undefined) {
    const symbol = await resolve_symbol_wait(needs, mod, info, name)
    trace?.(symbolStep(needs, info, name, typeof symbol === 'number' ? symbol : 0))
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

/** The module that exports it may be about to be initialised: that is waited for. */
async function resolve_symbol_wait(
  needs: Needs,
  mod: Module,
  info: LoadInfo,
  name: string,
): Promise<KernelSymbol | errno_t> {
  const { log, list } = needs
  const first = resolve_symbol(needs, mod, info, name)
  if (first !== -EBUSY) return first
  const owner = ownerOf(needs, name)
  if (owner && !(await list.finished_loading(owner, PATIENCE))) {
    log.printk(
      `${KERN_WARNING}%s: gave up waiting for init of module %s.\n`,
      mod.name,
      owner.name,
    )
    return -EBUSY
  }
  return resolve_symbol(needs, mod, info, name)
}

function ownerOf({ symbols, list }: Needs, name: string): Module | undefined {
  const owner = symbols.find(name)?.owner
  return owner === undefined ? undefined : list.find(owner)
}

function resolve_symbol(
  needs: Needs,
  mod: Module,
  info: LoadInfo,
  name: string,
): KernelSymbol | errno_t {
  const { log, symbols, versions } = needs
  const symbol = symbols.find(name)
  if (!symbol || (symbol.gpl_only && mod.taints & PROPRIETARY)) return -ENOENT
  if (symbol.gpl_only) mod.using_gplonly_symbols = true

  const owner = ownerOf(needs, name)
  if (owner && !inherit_taint(log, mod, owner, name)) return -ENOENT
  if (!versions.check_version(info, symbol)) return -EINVAL
  const err = verify_namespace_is_imported(log, mod, symbol)
  if (err) return err
  return owner ? ref_module(mod, owner) || symbol : symbol
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

function verify_namespace_is_imported(
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
function ref_module(mod: Module, owner: Module): errno_t {
  if (mod.uses.has(owner)) return 0
  const err = strong_try_module_get(owner)
  if (err) return err
  mod.uses.add(owner)
  owner.users.unshift(mod)
  return 0
}

/** A reference on a module whose init is done: -EBUSY before, -ENOENT on its way out. */
export function strong_try_module_get(mod: Module): errno_t {
  if (mod.state === 'coming') return -EBUSY
  if (mod.state === 'going') return -ENOENT
  mod.refs++
  return 0
}

/** Give back what ref_module() took. */
export function module_unload_free(mod: Module): void {
  for (const owner of mod.uses) {
    owner.users.splice(owner.users.indexOf(mod), 1)
    owner.refs--
  }
  mod.uses.clear()
}

function symbolStep(
  { symbols }: Needs,
  info: LoadInfo,
  name: string,
  err: errno_t,
): Parameters<NonNullable<LoadTrace>>[0] {
  const symbol = symbols.find(name)
  const expected = info.versions?.get(name)
  return {
    step: 'symbol',
    name,
    owner: symbol ? (symbol.owner ?? 'vmlinux') : '',
    gpl: symbol?.gpl_only ?? false,
    namespace: symbol?.namespace ?? '',
    ...(expected !== undefined && { expected }),
    ...(symbol?.crc !== undefined && { crc: symbol.crc }),
    err,
  }
}
