// Was the module built for this kernel? vermagic and symbol CRCs. Linux: kernel/module/version.c.

import { EINVAL, ENOEXEC } from '../../include/linux/errno.ts'
import { KERN_ERR, KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import { modinfoValue } from '../../elf/modinfo.ts'
import type { ModuleImage } from '../../elf/module_image.ts'
import type { Printk } from '../printk.ts'
import type { KernelSymbol, SymbolTable } from '../symbols.ts'

/** What insmod -f makes the kernel overlook. */
export interface Overlooked {
  versions: boolean
  vermagic: boolean
}

interface Verdict {
  err: errno_t
  /** Why this is a forced load: what is missing. */
  forced?: string
}

/**
 * Compare the module's vermagic with the kernel's. With symbol versions the release
 * does not count, only what comes after it.
 */
export function check_vermagic(
  log: Printk,
  image: ModuleImage,
  vermagic: string,
  overlook: Overlooked,
): Verdict {
  const theirs = overlook.vermagic ? undefined : modinfoValue(image.modinfo, 'vermagic')
  if (theirs === undefined) return { err: 0, forced: 'bad vermagic' }

  const withoutRelease = image.hasVersions && !overlook.versions
  const relevant = (magic: string) =>
    withoutRelease ? magic.slice(magic.indexOf(' ')) : magic
  if (relevant(theirs) === relevant(vermagic)) return { err: 0 }

  log.printk(
    `${KERN_ERR}%s: version magic '%s' should be '%s'\n`,
    image.name,
    theirs,
    vermagic,
  )
  return { err: -ENOEXEC }
}

/** Does the symbol still have the signature that the module was built against? */
export function check_version(
  log: Printk,
  image: ModuleImage,
  symbol: Pick<KernelSymbol, 'name' | 'crc'>,
): errno_t {
  const expected = image.versions.get(symbol.name)
  if (!image.hasVersions || expected === undefined || symbol.crc === undefined) return 0
  if (expected === symbol.crc) return 0
  log.printk(
    `${KERN_WARNING}%s: disagrees about version of symbol %s\n`,
    image.name,
    symbol.name,
  )
  return -EINVAL
}

/** The same for the layout of struct module, which every module depends on. */
export function check_modstruct_version(
  log: Printk,
  image: ModuleImage,
  symbols: SymbolTable,
  overlook: Overlooked,
): Verdict {
  if (overlook.versions || !image.hasVersions) return { err: 0, forced: 'module_layout' }
  const crc = symbols.crc('module_layout')
  const err = check_version(log, image, { name: 'module_layout', crc })
  return { err: err ? -ENOEXEC : 0 }
}
