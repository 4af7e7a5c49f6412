// What the loader knows of an image before it makes a module of it: its name, what it says of
// itself, what it was built against. Linux: struct load_info and setup_load_info() in
// kernel/module/main.c.

import { ENOEXEC } from '../../include/linux/errno.ts'
import { KERN_ERR, KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import { SHT_SYMTAB } from '../../include/uapi/elf.ts'
import { decodeModinfo, type ModinfoEntry, modinfoValue } from '../../elf/modinfo.ts'
import { ElfError, type ModuleImage, readModule } from '../../elf/module_image.ts'
import { decodeThisModule, decodeVersions, SECTION } from '../../elf/module_layout.ts'
import { type ElfFile, readElf } from '../../elf/reader.ts'
import { BytesError } from '../../lib/bytes.ts'
import type { Printk } from '../printk.ts'

/** What insmod -f makes the kernel overlook. */
export interface Overlooked {
  versions: boolean
  vermagic: boolean
}

export class LoadInfo {
  readonly name: string
  readonly modinfo: readonly ModinfoEntry[]
  /** The CRC of each symbol it was built against; absent without __versions, or if overlooked. */
  readonly versions: ReadonlyMap<string, number> | undefined
  readonly overlookVermagic: boolean
  /** Bits of taint.ts that it has earned so far. */
  taints = 0

  constructor(elf: ElfFile, name: string, overlook: Overlooked) {
    const { versions, modinfo } = SECTION
    const table = overlook.versions ? undefined : elf.section(versions)
    this.name = name
    this.modinfo = decodeModinfo(elf.section(modinfo)?.data ?? new Uint8Array(0))
    this.versions = table && decodeVersions(table.data)
    this.overlookVermagic = overlook.vermagic
  }

  /** What .modinfo says under `tag`, the first time it does. */
  info(tag: string): string | undefined {
    return modinfoValue(this.modinfo, tag)
  }
}

/** For an image that has passed elf_validity_check(). */
export function setup_load_info(
  log: Printk,
  image: Uint8Array,
  overlook: Overlooked,
): LoadInfo | errno_t {
  return refusingBadElf(log, () => {
    const elf = readElf(image)
    const known = nameInModinfo(elf)
    const said = known ?? '(missing .modinfo section or name field)'
    const refuse = (why: string): errno_t => {
      log.printk(`${KERN_WARNING}%s: %s\n`, said, why)
      return -ENOEXEC
    }
    if (!elf.sections.some(({ type }) => type === SHT_SYMTAB)) {
      return refuse('module has no symbols (stripped?)')
    }
    const self = elf.section(SECTION.thisModule)
    if (!self) return refuse('No module found in object')
    return new LoadInfo(elf, known ?? decodeThisModule(self.data), overlook)
  })
}

function nameInModinfo(elf: ElfFile): string | undefined {
  const section = elf.section(SECTION.modinfo)
  return section && modinfoValue(decodeModinfo(section.data), 'name')
}

/** All of the module. */
export function readImage(log: Printk, image: Uint8Array): ModuleImage | errno_t {
  return refusingBadElf(log, () => readModule(image))
}

/** Linux would follow a bad offset here; we refuse the file. */
function refusingBadElf<T>(log: Printk, read: () => T): T | errno_t {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ElfError) && !(error instanceof BytesError)) throw error
    log.printk(`${KERN_ERR}%s\n`, error.message)
    return -ENOEXEC
  }
}
