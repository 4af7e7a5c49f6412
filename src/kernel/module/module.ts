// struct module: one loaded module. Linux: include/linux/module.h.

import type { call_site } from '../../include/linux/call_site.ts'
import type { exported_symbol, this_module } from '../../include/linux/module.ts'
import type { kernel_param, param_definition } from '../../include/linux/kernel_param.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import { modinfoValue } from '../../elf/modinfo.ts'
import type { ModuleImage } from '../../elf/module_image.ts'
import type { Kobject } from '../../base/kobject.ts'
import type { Layout } from './layout.ts'
import { moduleTaintLetters } from '../taint.ts'

/** Unformed: it has its name, and that is all that anybody may know. */
export type ModuleState = 'unformed' | 'coming' | 'live' | 'going'

export class Module implements this_module {
  readonly name: string
  readonly image: ModuleImage
  readonly layout: Layout
  /** Part of the kernel: always there, and in no list. */
  readonly builtin: boolean
  state: ModuleState = 'unformed'
  /** References; one is init's while it runs. */
  refs = 1
  /** Bits of taint.ts. */
  taints = 0
  /** It uses what EXPORT_SYMBOL_GPL exports. */
  using_gplonly_symbols = false
  /** Modules whose symbols this one uses. */
  readonly uses = new Set<Module>()
  /** Modules that use this one's symbols, newest first. */
  readonly users: Module[] = []
  /** As its file scope declares them. */
  readonly params: param_definition[] = []
  /** The same, once they have been set. */
  kp: readonly kernel_param[] = []
  readonly exports: exported_symbol[] = []
  /** The calls that dynamic debug and macros with variables of their own know. */
  readonly sites: call_site[] = []
  /** The realm that its code runs in, see realm.ts. */
  realm: object | undefined = undefined
  /** That realm's own arrays of bytes. */
  bytes: Uint8ArrayConstructor = Uint8Array
  /** That realm's own promises. */
  promise: PromiseConstructor = Promise
  /** What its directory in /sys/module stands for, once it has one. */
  kobj: Kobject | undefined = undefined
  init?: () => MaybePromise<errno_t>
  exit?: () => MaybePromise<void>

  constructor(image: ModuleImage, layout: Layout, builtin: boolean) {
    this.name = image.name
    this.image = image
    this.layout = layout
    this.builtin = builtin
  }

  get version(): string {
    return this.info('version') ?? ''
  }

  /** What .modinfo says under `tag`, the first time it does. */
  info(tag: string): string | undefined {
    return modinfoValue(this.image.modinfo, tag)
  }

  /** Everything that .modinfo says under `tag`. */
  infoAll(tag: string): string[] {
    return this.image.modinfo.filter(([name]) => name === tag).map(([, value]) => value)
  }

  /** As the refcnt file shows it. */
  get refcount(): number {
    return this.state === 'going' ? -1 : this.refs
  }

  /** "(OE)": taints, and + or - while it comes or goes; empty if there is nothing to say. */
  get flags(): string {
    const moving = { unformed: '', coming: '+', live: '', going: '-' }[this.state]
    const letters = `${moduleTaintLetters(this.taints)}${moving}`
    return letters ? `(${letters})` : ''
  }

  // What the macros of <linux/module.h> call while the top level is evaluated. The image has
  // .modinfo already: kbuild wrote it from the same calls.

  modinfo(_tag: string, _value: string): void {}

  param(definition: param_definition): void {
    if (typeof definition.name !== 'string' || definition.ops === undefined) {
      throw new TypeError('module_param() of what has no name or type')
    }
    this.params.push(definition)
  }

  export_symbol(symbol: exported_symbol): void {
    if (typeof symbol.name !== 'string' || typeof symbol.get !== 'function') {
      throw new TypeError('EXPORT_SYMBOL() of what has no name')
    }
    this.exports.push(symbol)
  }

  call_sites(sites: readonly call_site[]): void {
    this.sites.push(...sites)
  }
}
