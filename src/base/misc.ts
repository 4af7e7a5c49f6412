// Misc devices: major 10, a minor each. Linux: drivers/char/misc.c.

import type { class_, device } from '../include/linux/device.ts'
import { EBUSY, ENODEV } from '../include/linux/errno.ts'
import type { file, inode } from '../include/linux/fs.ts'
import { iminor } from '../include/linux/fs.ts'
import { MKDEV } from '../include/linux/kdev_t.ts'
import { MISC_DYNAMIC_MINOR, type miscdevice } from '../include/linux/miscdevice.ts'
import type { module } from '../include/linux/module.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import { MISC_MAJOR } from '../include/uapi/major.ts'
import type { CharDevices } from '../fs/char_dev.ts'
import type { ProcFs } from '../fs/proc/generic.ts'
import type { ModuleCode } from '../kernel/module/code.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Classes } from './class.ts'
import type { DeviceCreation } from './device_create.ts'

/** Dynamic minors are handed out downwards from here. */
const DYNAMIC_MINORS = 128

interface ModuleReferences {
  try_module_get(module: module | undefined): boolean
}

/** What loads the module of a minor that nobody serves yet. */
interface ModuleRequests {
  __request_module(wait: boolean, fmt: string, ...args: number[]): MaybePromise<number>
}

export class MiscDevices {
  static readonly EXPORT_SYMBOL = ['misc_register', 'misc_deregister'] as const

  readonly #devices: DeviceCreation
  readonly #modules: ModuleReferences
  readonly #kmod: ModuleRequests
  readonly #traps: Traps
  readonly #code: ModuleCode
  readonly #class: class_
  /** Newest first, as /proc/misc shows them. */
  #list: miscdevice[] = []

  constructor(
    devices: DeviceCreation,
    classes: Classes,
    chrdevs: CharDevices,
    procfs: ProcFs,
    modules: ModuleReferences,
    kmod: ModuleRequests,
    traps: Traps,
    code: ModuleCode,
  ) {
    this.#code = code
    this.#devices = devices
    this.#modules = modules
    this.#kmod = kmod
    this.#traps = traps
    this.#class = classes.class_create('misc') as class_
    this.#class.devnode = (dev, mode) => this.#devnode(dev, mode)
    chrdevs.__register_chrdev(MISC_MAJOR, 0, 256, 'misc', {
      open: (node, filp) => this.#open(node, filp),
    })
    procfs.create('misc', 0o444, () => this.#show())
  }

  misc_register(misc: miscdevice): errno_t {
    const dynamic = misc.minor === MISC_DYNAMIC_MINOR
    const minor = dynamic ? this.#freeMinor() : misc.minor
    if (minor < 0) return minor
    if (this.#list.some(other => other.minor === minor)) return -EBUSY

    misc.minor = minor
    this.#list.unshift(misc)
    const dev = this.#devices.device_create_with_groups(
      this.#class,
      misc.parent,
      MKDEV(MISC_MAJOR, minor),
      misc,
      misc.groups ?? null,
      '%s',
      misc.name,
    )
    if (typeof dev !== 'number') {
      misc.this_device = dev
      return 0
    }

    this.#list.shift()
    if (dynamic) misc.minor = MISC_DYNAMIC_MINOR
    return dev
  }

  misc_deregister(misc: miscdevice): void {
    if (this.#traps.WARN_ON(!this.#list.includes(misc))) return
    this.#devices.device_destroy(this.#class, MKDEV(MISC_MAJOR, misc.minor))
    this.#list = this.#list.filter(other => other !== misc)
    misc.this_device = undefined
  }

  #freeMinor(): number {
    const used = new Set(this.#list.map(misc => misc.minor))
    for (let minor = DYNAMIC_MINORS - 1; minor >= 0; minor--) {
      if (!used.has(minor)) return minor
    }
    return -EBUSY
  }

  #devnode(dev: device, mode: { value: number } | undefined): string | undefined {
    const misc = dev.driver_data as miscdevice
    if (mode && misc.mode) mode.value = misc.mode
    return misc.nodename
  }

  /** The device's own operations take over from those of the major. */
  #open(node: inode, filp: file): MaybePromise<errno_t> {
    const misc = this.#find(iminor(node))
    return misc ? this.#openMisc(misc, node, filp) : this.#request(node, filp)
  }

  async #request(node: inode, filp: file): Promise<errno_t> {
    const minor = iminor(node)
    await this.#kmod.__request_module(true, 'char-major-%d-%d', MISC_MAJOR, minor)
    const misc = this.#find(minor)
    return misc ? this.#openMisc(misc, node, filp) : -ENODEV
  }

  #find(wanted: number): miscdevice | undefined {
    return this.#list.find(({ minor }) => minor === wanted)
  }

  #openMisc(misc: miscdevice, node: inode, filp: file): MaybePromise<errno_t> {
    this.#code.check(misc.fops)
    if (!this.#modules.try_module_get(misc.fops.owner)) return -ENODEV
    filp.private_data = misc
    filp.f_op = misc.fops
    return misc.fops.open?.(node, filp) ?? 0
  }

  #show(): string {
    return this.#list
      .map(({ minor, name }) => `${String(minor).padStart(3)} ${name}\n`)
      .join('')
  }
}
