// What a module is, before it may do anything: built for this kernel? from where, under which licence,
// signed? Linux: check_modinfo() and set_license() in kernel/module/main.c.
//
// What it says of itself taints the kernel, even if the module is refused later.

import { KERN_NOTICE, KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { ModuleImage } from '../../elf/module_image.ts'
import { license_is_gpl_compatible } from '../../lib/license.ts'
import type { Printk } from '../printk.ts'
import type { SymbolTable } from '../symbols.ts'
import {
  TAINT_CRAP,
  TAINT_FORCED_MODULE,
  TAINT_OOT_MODULE,
  TAINT_PROPRIETARY_MODULE,
  TAINT_UNSIGNED_MODULE,
  type Taints,
} from '../taint.ts'
import type { Module } from './module.ts'
import { check_modstruct_version, check_vermagic, type Overlooked } from './version.ts'

interface Needs {
  symbols: SymbolTable
  log: Printk
  taints: Taints
  vermagic: string
}

export class Screening {
  readonly #needs: Needs
  #saidUnsigned = false

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Is it for this kernel? An error, or what has to be forced: what it does not say. */
  versions(image: ModuleImage, overlook: Overlooked): string[] | errno_t {
    const { log, symbols, vermagic } = this.#needs
    const layout = check_modstruct_version(log, image, symbols, overlook)
    if (layout.err) return layout.err
    const magic = check_vermagic(log, image, vermagic, overlook)
    if (magic.err) return magic.err
    return [layout, magic].flatMap(({ forced }) => forced ?? [])
  }

  /** Taint the kernel as `mod` deserves; `forced` from versions(). */
  taints(mod: Module, forced: readonly string[]): void {
    for (const why of forced) this.#forcedLoad(mod, why)
    this.#origin(mod)
    this.#license(mod)
  }

  #forcedLoad(mod: Module, why: string): void {
    const { log, taints } = this.#needs
    if (!taints.test_taint(TAINT_FORCED_MODULE)) {
      log.printk(`${KERN_WARNING}%s: %s: kernel tainted.\n`, mod.name, why)
    }
    this.taint(mod, TAINT_FORCED_MODULE, false)
  }

  /** Where it comes from: the kernel's own tree, staging, elsewhere. */
  #origin(mod: Module): void {
    const { log, taints } = this.#needs
    if (mod.info('intree') === undefined) {
      if (!taints.test_taint(TAINT_OOT_MODULE)) {
        log.printk(
          `${KERN_WARNING}%s: loading out-of-tree module taints kernel.\n`,
          mod.name,
        )
      }
      this.taint(mod, TAINT_OOT_MODULE, true)
    }
    if (mod.info('staging') !== undefined) {
      this.taint(mod, TAINT_CRAP, true)
      log.printk(
        `${KERN_WARNING}%s: module is from the staging directory, the quality is unknown, you have been warned.\n`,
        mod.name,
      )
    }
  }

  #license(mod: Module): void {
    const license = mod.info('license') ?? 'unspecified'
    if (license_is_gpl_compatible(license)) return
    const { log, taints } = this.#needs
    if (!taints.test_taint(TAINT_PROPRIETARY_MODULE)) {
      log.printk(
        `${KERN_WARNING}%s: module license '%s' taints kernel.\n`,
        mod.name,
        license,
      )
    }
    this.taint(mod, TAINT_PROPRIETARY_MODULE, false)
  }

  /** No module is signed here; a kernel that knows signatures says so, once. */
  signature(mod: Module): void {
    if (!this.#saidUnsigned) {
      this.#saidUnsigned = true
      this.#needs.log.printk(
        `${KERN_NOTICE}%s: module verification failed: signature and/or required key missing - tainting kernel\n`,
        mod.name,
      )
    }
    this.taint(mod, TAINT_UNSIGNED_MODULE, true)
  }

  /** Blame `mod`, and the kernel with it. */
  taint(mod: Module, flag: number, lockdepOk: boolean): void {
    this.#needs.taints.add_taint(flag, { lockdepOk })
    mod.taints |= 1 << flag
  }
}
