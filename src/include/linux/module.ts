// What makes a file a loadable module. Implemented in kernel/module/. Linux: include/linux/module.h.
//
// As in C, these are macros: they run when the file's top level is evaluated, and hand what they
// are given to `__this_module`. kbuild evaluates the top level once to write .modinfo,
// and the loader evaluates it again in the machine that loads the module.
import type { Modules } from '../../kernel/module/main.ts'
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

// kbuild writes the name and the getter into each call, as the C preprocessor does with `#sym`:
// EXPORT_SYMBOL(foo) becomes EXPORT_SYMBOL(foo, "foo", () => foo).

/** Let other modules use `sym`, a function or variable of this file. */
export function EXPORT_SYMBOL<T>(sym: T, name?: string, get?: () => T): void {
  exportSymbol(sym, name, get, false)
}

/** As EXPORT_SYMBOL(), for modules with a GPL-compatible licence only. */
export function EXPORT_SYMBOL_GPL<T>(sym: T, name?: string, get?: () => T): void {
  exportSymbol(sym, name, get, true)
}

function exportSymbol<T>(
  sym: T,
  name: string | undefined,
  get: (() => T) | undefined,
  gpl_only: boolean,
): void {
  __this_module.export_symbol({
    name: name ?? (typeof sym === 'function' ? sym.name : ''),
    get: get ?? (() => sym),
    gpl_only,
    namespace: '',
  })
}

/** Take a reference, unless the module is on its way out. */
export declare const try_module_get: Modules['try_module_get']
/** Give a reference back. */
export declare const module_put: Modules['module_put']
/** How many references there are. */
export declare const module_refcount: Modules['module_refcount']
