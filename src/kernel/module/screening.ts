// What a module is, before it may do anything: built for this kernel? from where, under which licence,
// signed? Linux: check_modinfo() and set_license() in kernel/module/main.c.
//
// What it says of itself taints the kernel, even if the module is refused later.

import { KERN_NOTICE, KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { LoadTrace } from '../../lib/load_step.ts'
import { license_is_gpl_compatible } from '../../lib/license.ts'
import type { Printk } from '../printk.ts'
import type { SymbolTable } from '../symbols.ts'
import {
  TAINT_CRAP,
  TAINT_FORCED_MODULE,
  TAINT_OOT_MODULE,
  TAINT_PROPRIETARY_MODULE,
  TAINT_TEST,
  TAINT_UNSIGNED_MODULE,
  type Taints,
} from '../taint.ts'
import type { LoadInfo } from './load_info.ts'
import { Versions } from './version.ts'

interface Needs {
  symbols: SymbolTable
  log: Printk
  taints: Taints
  vermagic: string
}

/** Who is blamed: a module, or what is going to be one. */
interface Blamed {
  readonly name: string
  taints: number
}

export class Screening {
  readonly versions: Versions
  readonly #needs: Needs
  #saidUnsigned = false

  constructor(needs: Needs) {
    this.#needs = needs
    this.versions = new Versions(needs.log, (info, why) => this.#forcedLoad(info, why))
  }

  /** Is it for this kernel? */
  checkVersions(info: LoadInfo, trace?: LoadTrace): errno_t {
    const { symbols, vermagic } = this.#needs
    return (
      this.versions.check_modstruct_version(info, symbols, trace) ||
      this.versions.check_vermagic(info, vermagic, trace)
    )
  }

  /** Taint the kernel as the module deserves. */
  check_modinfo(info: LoadInfo, trace?: LoadTrace): void {
    this.#origin(info)
    trace?.({
      step: 'origin',
      intree: info.info('intree') !== undefined,
      staging: info.info('staging') !== undefined,
    })
    this.#license(info, trace)
    if (info.info('test') === undefined) return
    this.#warnFirst(TAINT_TEST, info, 'loading test module taints kernel.')
    this.taint(info, TAINT_TEST, true)
  }

  #forcedLoad(info: LoadInfo, why: string): void {
    this.#warnFirst(TAINT_FORCED_MODULE, info, `${why}: kernel tainted.`)
    this.taint(info, TAINT_FORCED_MODULE, false)
  }

  /** Where it comes from: the kernel's own tree, staging, elsewhere. */
  #origin(info: LoadInfo): void {
    if (info.info('intree') === undefined) {
      this.#warnFirst(TAINT_OOT_MODULE, info, 'loading out-of-tree module taints kernel.')
      this.taint(info, TAINT_OOT_MODULE, true)
    }
    if (info.info('staging') === undefined) return
    this.taint(info, TAINT_CRAP, true)
    this.#needs.log.printk(
      `${KERN_WARNING}%s: module is from the staging directory, the quality is unknown, you have been warned.\n`,
      info.name,
    )
  }

  #license(info: LoadInfo, trace?: LoadTrace): void {
    const license = info.info('license') ?? 'unspecified'
    const gpl = license_is_gpl_compatible(license)
    if (!gpl) {
      const why = `module license '${license}' taints kernel.`
      this.#warnFirst(TAINT_PROPRIETARY_MODULE, info, why)
      this.taint(info, TAINT_PROPRIETARY_MODULE, false)
    }
    trace?.({ step: 'license', license, gpl })
  }

  /** No module is signed here; a kernel that knows signatures says so, once. */
  signature(mod: Blamed, trace?: LoadTrace): void {
    if (!this.#saidUnsigned) {
      this.#saidUnsigned = true
      this.#needs.log.printk(
        `${KERN_NOTICE}%s: module verification failed: signature and/or required key missing - tainting kernel\n`,
        mod.name,
      )
    }
    this.taint(mod, TAINT_UNSIGNED_MODULE, true)
    trace?.({ step: 'signature', signed: false })
  }

  /** Blame `mod`, and the kernel with it. */
  taint(mod: Blamed, flag: number, lockdepOk: boolean): void {
    this.#needs.taints.add_taint(flag, { lockdepOk })
    mod.taints |= 1 << flag
  }

  /** Only the first of a kind is worth a message. */
  #warnFirst(flag: number, { name }: Blamed, text: string): void {
    const { log, taints } = this.#needs
    if (!taints.test_taint(flag)) log.printk(`${KERN_WARNING}%s: %s\n`, name, text)
  }
}
