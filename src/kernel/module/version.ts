// Was the module built for this kernel? vermagic and symbol CRCs. Linux: kernel/module/version.c.

import { ENOEXEC } from '../../include/linux/errno.ts'
import { KERN_ERR, KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { LoadTrace } from '../../lib/load_step.ts'
import type { Printk } from '../printk.ts'
import type { KernelSymbol, SymbolTable } from '../symbols.ts'
import type { LoadInfo } from './load_info.ts'

/** Taints the kernel, saying why: what is missing. Linux: try_to_force_load(). */
export type ForceLoad = (info: LoadInfo, why: string) => void

export class Versions {
  readonly #log: Printk
  readonly #force: ForceLoad
  #saidNoVersion = false

  constructor(log: Printk, force: ForceLoad) {
    this.#log = log
    this.#force = force
  }

  /**
   * Compare the module's vermagic with the kernel's. With symbol versions the release does not
   * count, only what comes after it.
   */
  check_vermagic(info: LoadInfo, ours: string, trace?: LoadTrace): errno_t {
    const theirs = info.overlookVermagic ? undefined : info.info('vermagic')
    const withoutRelease = info.versions !== undefined
    const ok = theirs === undefined || same_magic(theirs, ours, withoutRelease)
    trace?.({
      step: 'vermagic',
      ...(theirs !== undefined && { theirs }),
      ours,
      withoutRelease,
      ok,
    })
    if (theirs === undefined) this.#force(info, 'bad vermagic')
    if (ok) return 0
    this.#log.printk(
      `${KERN_ERR}%s: version magic '%s' should be '%s'\n`,
      info.name,
      theirs,
      ours,
    )
    return -ENOEXEC
  }

  /** Does the symbol still have the signature that the module was built against? */
  check_version(
    info: LoadInfo,
    { name, crc }: Pick<KernelSymbol, 'name' | 'crc'>,
  ): boolean {
    if (crc === undefined) return true // its exporter has no CRCs
    if (!info.versions) {
      this.#force(info, name)
      return true
    }
    const expected = info.versions.get(name)
    if (expected === undefined) {
      this.#noVersion(info, name)
      return true
    }
    if (expected === crc) return true
    this.#log.printk(
      `${KERN_WARNING}%s: disagrees about version of symbol %s\n`,
      info.name,
      name,
    )
    return false
  }

  /** The same for the layout of struct module, which every module depends on. */
  check_modstruct_version(
    info: LoadInfo,
    symbols: SymbolTable,
    trace?: LoadTrace,
  ): errno_t {
    const crc = symbols.crc('module_layout')
    const theirs = info.versions?.get('module_layout')
    const ok = info.versions
      ? this.check_version(info, { name: 'module_layout', crc })
      : true
    trace?.({
      step: 'versions',
      present: info.versions !== undefined,
      ...(theirs !== undefined && { theirs }),
      ...(crc !== undefined && { ours: crc }),
      ok,
    })
    if (!info.versions) this.#force(info, 'module_layout')
    return ok ? 0 : -ENOEXEC
  }

  /** Said once: the tools that built it are broken. */
  #noVersion(info: LoadInfo, symbol: string): void {
    if (this.#saidNoVersion) return
    this.#saidNoVersion = true
    this.#log.printk(`${KERN_WARNING}%s: no symbol version for %s\n`, info.name, symbol)
  }
}

function same_magic(theirs: string, ours: string, withoutRelease: boolean): boolean {
  if (!withoutRelease) return theirs === ours
  return afterRelease(theirs) === afterRelease(ours)
}

function afterRelease(magic: string): string {
  const blank = magic.indexOf(' ')
  return blank < 0 ? '' : magic.slice(blank)
}
