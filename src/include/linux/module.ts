// What makes a file a loadable module. Implemented in kernel/module/. Linux: include/linux/module.h.
//
// As in C, these are macros: they run when the file's top level is evaluated, and hand what they
// are given to `__this_module`. kbuild evaluates the top level once to write .modinfo,
// and the loader evaluates it again in the machine that loads the module.
import type { Modules } from '../../kernel/module/main.ts'
import type { SymbolGet } from '../../kernel/module/symbol_get.ts'
import type { call_site } from './call_site.ts'
import { request_module } from './kmod.ts'
import type { param_definition } from './moduleparam.ts'
import type { errno_t, MaybePromise } from './types.ts'

/** struct module: a module's own view of itself. */
export interface module {
  readonly name: string
  readonly version?: string
}

/** @internal The `__this_module` that every .ko has: what the macros below fill in. */
export interface this_module extends module {
  init?: () => MaybePromise<errno_t>
  exit?: () => MaybePromise<void>
  /** A `tag=value` of .modinfo. */
  modinfo(tag: string, value: string): void
  param(definition: param_definition): void
  export_symbol(symbol: exported_symbol): void
  /** Only kbuild wants to know: it makes aliases of it. */
  device_table?(type: string, table: readonly object[]): void
  /** The places in its files that macros know: see call_site.ts. kbuild has no use for them. */
  call_sites?(sites: readonly call_site[]): void
}

/** @internal */
export interface exported_symbol {
  name: string
  /** The present value: exported variables change. */
  get: () => unknown
  gpl_only: boolean
  namespace: string
}

declare global {
  /** @internal The module being evaluated; the loader and kbuild provide it. */
  var __this_module: this_module
}

/** The module itself: `owner: THIS_MODULE`. */
export const THIS_MODULE: module = __this_module

/** The module's name, as the preprocessor has it in C: for `pr_fmt`, see printk.ts. */
export const KBUILD_MODNAME: string = __this_module.name

/** `init` runs when the module is loaded: 0, or a negative error number to be refused. */
export function module_init(init: () => MaybePromise<errno_t>): void {
  __this_module.init = init
}

/** `exit` runs before the module is removed. A module without one cannot be removed. */
export function module_exit(exit: () => MaybePromise<void>): void {
  __this_module.exit = exit
}

/** Add `tag=value` to what modinfo shows. */
export function MODULE_INFO(tag: string, value: string): void {
  __this_module.modinfo(tag, value)
}

/** "GPL", "GPL v2", "Dual MIT/GPL", "Dual BSD/GPL" …; anything else taints the kernel. */
export function MODULE_LICENSE(license: string): void {
  MODULE_INFO('license', license)
}

export function MODULE_AUTHOR(author: string): void {
  MODULE_INFO('author', author)
}

export function MODULE_DESCRIPTION(description: string): void {
  MODULE_INFO('description', description)
}

export function MODULE_VERSION(version: string): void {
  MODULE_INFO('version', version)
}

/** Another name modprobe knows this module by; may hold wildcards. */
export function MODULE_ALIAS(alias: string): void {
  MODULE_INFO('alias', alias)
}

export function MODULE_ALIAS_CHARDEV(major: number, minor: number): void {
  MODULE_ALIAS(`char-major-${major}-${minor}`)
}

export function MODULE_ALIAS_CHARDEV_MAJOR(major: number): void {
  MODULE_ALIAS(`char-major-${major}-*`)
}

/** "pre: a b post: c": modules to load before and after this one. */
export function MODULE_SOFTDEP(dependency: string): void {
  MODULE_INFO('softdep', dependency)
}

/** Allow use of the symbols exported with EXPORT_SYMBOL_NS() into `namespace`. */
export function MODULE_IMPORT_NS(namespace: string): void {
  MODULE_INFO('import_ns', namespace)
}

/** A firmware file that the driver asks for. */
export function MODULE_FIRMWARE(firmware: string): void {
  MODULE_INFO('firmware', firmware)
}

/**
 * The devices of bus `type` ('of', 'pci', 'usb', 'platform', 'i2c', 'spi', 'acpi', 'virtio') that
 * this module serves: kbuild writes an alias for each, the empty entry at the end aside.
 */
export function MODULE_DEVICE_TABLE(type: string, table: readonly object[]): void {
  __this_module.device_table?.(type, table)
}

// kbuild writes the name and the getter into each call, as the C preprocessor does with `#sym`:
// EXPORT_SYMBOL(foo) becomes EXPORT_SYMBOL(foo, "foo", () => foo). With a
// -DDEFAULT_SYMBOL_NAMESPACE=NS its value comes last.

/** Let other modules use `sym`, a function or variable of this file. */
export function EXPORT_SYMBOL<T>(
  sym: T,
  name?: string,
  get?: () => T,
  namespace = '',
): void {
  exportSymbol(sym, name, get, false, namespace)
}

/** As EXPORT_SYMBOL(), for modules with a GPL-compatible licence only. */
export function EXPORT_SYMBOL_GPL<T>(
  sym: T,
  name?: string,
  get?: () => T,
  namespace = '',
): void {
  exportSymbol(sym, name, get, true, namespace)
}

/** As EXPORT_SYMBOL(), for modules that say MODULE_IMPORT_NS(`namespace`). */
export function EXPORT_SYMBOL_NS<T>(
  sym: T,
  namespace: string,
  name?: string,
  get?: () => T,
): void {
  exportSymbol(sym, name, get, false, namespace)
}

/** As EXPORT_SYMBOL_NS(), for modules with a GPL-compatible licence only. */
export function EXPORT_SYMBOL_NS_GPL<T>(
  sym: T,
  namespace: string,
  name?: string,
  get?: () => T,
): void {
  exportSymbol(sym, name, get, true, namespace)
}

function exportSymbol<T>(
  sym: T,
  name: string | undefined,
  get: (() => T) | undefined,
  gpl_only: boolean,
  namespace: string,
): void {
  __this_module.export_symbol({
    name: name ?? (typeof sym === 'function' ? sym.name : ''),
    get: get ?? (() => sym),
    gpl_only,
    namespace,
  })
}

/** Take a reference, unless the module is on its way out. */
export declare const try_module_get: Modules['try_module_get']
/** Give a reference back. */
export declare const module_put: Modules['module_put']
/** How many references there are. */
export declare const module_refcount: Modules['module_refcount']

/** A reference for who is sure that there is one already. */
export declare const __module_get: Modules['__module_get']

// Symbols by name, at run time. In C `symbol_get(foo)` is a macro that makes text of its argument;
// here the text is written, and the type comes from a declaration: symbol_get<typeof foo>('foo').

/** What EXPORT_SYMBOL_GPL exports as `name`, with a reference on its module; null if there is none. */
export function symbol_get<T>(name: string): T | null {
  return __symbol_get(name) as T | null
}

/** Give back what symbol_get() took. */
export function symbol_put(name: string): void {
  __symbol_put(name)
}

/** As symbol_get(), and if nobody exports it, modprobe is asked for the module that does. */
export async function symbol_request<T>(name: string): Promise<T | null> {
  const found = symbol_get<T>(name)
  if (found !== null) return found
  await request_module('symbol:%s', name)
  return symbol_get<T>(name)
}

export declare const __symbol_get: SymbolGet['__symbol_get']
export declare const __symbol_put: SymbolGet['__symbol_put']
/** As symbol_put(), by the value that symbol_get() gave. */
export declare const symbol_put_addr: SymbolGet['symbol_put_addr']
