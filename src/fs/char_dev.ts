// Character devices: which driver serves which (major, minor) numbers. Linux: fs/char_dev.c.
//
// Owning takes two steps. A *region* (chrdev_regions.ts) reserves numbers under a name; /proc/devices
// lists them. A *cdev* serves numbers; open(2) looks there. Drivers reserve
// first, then add.

import { cdev } from '../include/linux/cdev.ts'
import type { device } from '../include/linux/device.ts'
import { EBUSY, ENXIO } from '../include/linux/errno.ts'
import type { file_operations, inode } from '../include/linux/fs.ts'
import { MAJOR, MINOR, MKDEV } from '../include/linux/kdev_t.ts'
import { kobject, type kobj_type } from '../include/linux/kobject.ts'
import type { module } from '../include/linux/module.ts'
import type { dev_t, errno_t, MaybePromise } from '../include/linux/types.ts'
import type { Registered } from '../kernel/debugobjects.ts'
import type { ModuleCode } from '../kernel/module/code.ts'
import type { Printk } from '../kernel/printk.ts'
import { ChrdevRegions, type Region } from './chrdev_regions.ts'
import type { OpenFile } from './file.ts'
import { RangeMap } from './range_map.ts'

/** No driver can serve this number: file systems mark with it what they hide. */
const WHITEOUT_DEV = 0

/** Where references on modules are counted. */
interface ModuleReferences {
  try_module_get(module: module | undefined): boolean
  module_put(module: module | undefined): void
}

/** What loads the module of a number that nobody serves yet. */
interface ModuleRequests {
  __request_module(wait: boolean, fmt: string, ...args: number[]): MaybePromise<number>
}

/** Where references on objects are counted. */
interface Objects {
  kobject_init(kobj: kobject, ktype: kobj_type): void
  kobject_get(kobj: kobject | undefined): unknown
  kobject_put(kobj: kobject | undefined): void
}

interface Needs {
  modules: ModuleReferences
  kmod: ModuleRequests
  kobjects: Objects
  devices: { device_add(dev: device): errno_t; device_del(dev: device): void }
  traps: { WARN_ON(condition: boolean): boolean }
  log: Printk
  code: Pick<ModuleCode, 'check'>
  debugobjects: Registered
}

export class CharDevices extends ChrdevRegions {
  static readonly EXPORT_SYMBOL = [
    'register_chrdev_region',
    'alloc_chrdev_region',
    'unregister_chrdev_region',
    '__register_chrdev',
    '__unregister_chrdev',
    'cdev_init',
    'cdev_alloc',
    'cdev_add',
    'cdev_del',
    'cdev_set_parent',
    'cdev_device_add',
    'cdev_device_del',
  ] as const

  readonly #needs: Needs
  /** Ranges may nest; the narrowest wins. */
  readonly #cdevs = new RangeMap<cdev>()
  /** Those that __register_chrdev() added. */
  readonly #ofRegions = new WeakMap<Region, cdev>()
  readonly #ktype: kobj_type

  constructor(needs: Needs) {
    super(needs.log, needs.debugobjects)
    this.#needs = needs
    this.#ktype = { release: kobj => needs.kobjects.kobject_put(kobj.parent) }
  }

  __register_chrdev(
    major: number,
    baseminor: number,
    count: number,
    name: string,
    fops: file_operations,
  ): number {
    const region = this.register({ major, baseminor, count, name })
    if (typeof region === 'number') return region

    const p = this.cdev_alloc()
    p.owner = fops.owner
    p.ops = fops
    this.#ofRegions.set(region, p)
    this.cdev_add(p, MKDEV(region.major, baseminor), count)
    this.#needs.debugobjects.debug_object_deactivate(p) // the region stands for it
    return major ? 0 : region.major
  }

  __unregister_chrdev(
    major: number,
    baseminor: number,
    count: number,
    _name: string,
  ): void {
    const region = this.unregister({ major, baseminor, count })
    const p = region && this.#ofRegions.get(region)
    if (p) this.cdev_del(p)
  }

  cdev_alloc(): cdev {
    const p = new cdev()
    this.#needs.kobjects.kobject_init(p.kobj, this.#ktype)
    return p
  }

  /** Whatever it was before, it begins anew: set the owner afterwards. */
  cdev_init(p: cdev, fops: file_operations): void {
    Object.assign(p.kobj, new kobject())
    Object.assign(p, { owner: undefined, dev: 0, count: 0, ops: fops })
    this.#needs.kobjects.kobject_init(p.kobj, this.#ktype)
  }

  cdev_add(p: cdev, dev: dev_t, count: number): errno_t {
    p.dev = dev
    p.count = count
    if (this.#needs.traps.WARN_ON(dev === WHITEOUT_DEV)) return -EBUSY
    if (count > 0) this.#cdevs.add(dev, count, p)
    const { debugobjects } = this.#needs
    debugobjects.debug_object_activate('cdev', p, `${MAJOR(dev)}:${MINOR(dev)}`)
    this.#needs.kobjects.kobject_get(p.kobj.parent)
    return 0
  }

  cdev_del(p: cdev): void {
    if (p.count > 0) this.#cdevs.remove(p.dev, p.count, p)
    this.#needs.debugobjects.debug_object_deactivate(p)
    this.#needs.kobjects.kobject_put(p.kobj)
  }

  cdev_set_parent(p: cdev, kobj: kobject): void {
    this.#needs.traps.WARN_ON(!kobj.state_initialized)
    p.kobj.parent = kobj
  }

  cdev_device_add(p: cdev, dev: device): errno_t {
    if (dev.devt) {
      this.cdev_set_parent(p, dev.kobj)
      const err = this.cdev_add(p, dev.devt, 1)
      if (err) return err
    }
    const err = this.#needs.devices.device_add(dev)
    if (err && dev.devt) this.cdev_del(p)
    return err
  }

  cdev_device_del(p: cdev, dev: device): void {
    this.#needs.devices.device_del(dev)
    if (dev.devt) this.cdev_del(p)
  }

  /**
   * open(2) on a device node: give the file to the driver that serves its number. An open file
   * holds a reference on the cdev, its module, and the operations' module.
   */
  chrdev_open(inode: inode, filp: OpenFile): MaybePromise<errno_t> {
    const p = this.#cdevs.find(inode.i_rdev)
    return p ? this.#open(p, inode, filp) : this.#request(inode, filp)
  }

  /** After release(), or after an open() that failed. */
  cdev_put(filp: OpenFile): void {
    const { modules } = this.#needs
    const p = filp.opened_from
    filp.opened_from = undefined
    modules.module_put(filp.f_op.owner)
    if (p) this.#put(p)
  }

  /** Nobody serves the number: perhaps there is a module that does, once it is loaded. */
  #request(inode: inode, filp: OpenFile): MaybePromise<errno_t> {
    const again = () => {
      const p = this.#cdevs.find(inode.i_rdev)
      return p ? this.#open(p, inode, filp) : -ENXIO
    }
    const asked = this.#request_module(MAJOR(inode.i_rdev), MINOR(inode.i_rdev))
    return asked ? asked.then(again) : again()
  }

  /** Aliases may name the number, or its major only, as those of Linux 2.4 did. */
  #request_module(major: number, minor: number): Promise<number> | undefined {
    const { kmod } = this.#needs
    const asked = kmod.__request_module(true, 'char-major-%d-%d', major, minor)
    if (typeof asked === 'number') return undefined // it is switched off
    return asked.then(ret =>
      ret > 0 ? kmod.__request_module(true, 'char-major-%d', major) : ret,
    )
  }

  #open(p: cdev, inode: inode, filp: OpenFile): MaybePromise<errno_t> {
    const { modules, code } = this.#needs
    if (p.ops) code.check(p.ops)
    if (!this.#get(p)) return -ENXIO
    if (!p.ops || !modules.try_module_get(p.ops.owner)) {
      this.#put(p)
      return -ENXIO
    }
    filp.f_op = p.ops
    filp.opened_from = p
    return p.ops.open?.(inode, filp) ?? 0
  }

  /** One more reference, unless its module is going, or nobody holds it any more. */
  #get(p: cdev): boolean {
    const { modules, kobjects } = this.#needs
    if (p.kobj.refcount === 0 || !modules.try_module_get(p.owner)) return false
    kobjects.kobject_get(p.kobj)
    return true
  }

  #put(p: cdev): void {
    const { modules, kobjects } = this.#needs
    const { owner } = p
    kobjects.kobject_put(p.kobj)
    modules.module_put(owner)
  }
}
