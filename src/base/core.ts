// Devices: made ready, added, taken away, counted. Linux: drivers/base/core.c.

import type { device } from '../include/linux/device.ts'
import { EINVAL } from '../include/linux/errno.ts'
import {
  KOBJ_ADD,
  KOBJ_REMOVE,
  type kobj_type,
  type kobject,
} from '../include/linux/kobject.ts'
import { KERN_ERR } from '../include/linux/printk.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'
import type { ModuleCode } from '../kernel/module/code.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Classes } from './class.ts'
import type { DeviceFiles } from './device_files.ts'
import type { DeviceNumbers } from './device_numbers.ts'
import type { DeviceTree } from './device_tree.ts'
import type { DeviceUevents } from './device_uevent.ts'
import type { Devres } from './devres.ts'
import { driver_string } from './dev_printk.ts'
import type { Kobjects } from './kobjects.ts'
import { dpm_sysfs_add } from './power.ts'
import type { Uevents } from './uevent.ts'

type MaybeDevice = device | null | undefined

interface Needs {
  sysfs: SysFs
  kobjects: Kobjects
  uevents: Uevents
  traps: Traps
  classes: Classes
  tree: DeviceTree
  numbers: DeviceNumbers
  deviceFiles: DeviceFiles
  deviceUevents: DeviceUevents
  devres: Devres
  code: ModuleCode
}

export class Devices {
  static readonly EXPORT_SYMBOL_GPL = [
    'device_initialize',
    'dev_set_name',
    'device_add',
    'device_del',
    'device_register',
    'device_unregister',
    'get_device',
    'put_device',
    'dev_driver_string',
  ] as const

  readonly #needs: Needs
  readonly #ktype: kobj_type

  constructor(needs: Needs) {
    this.#needs = needs
    this.#ktype = {
      ...needs.deviceFiles.device_ktype,
      release: kobj => this.#release(kobj.container as device),
    }
  }

  device_initialize(dev: device): void {
    const { kobjects, tree } = this.#needs
    dev.kobj.kset = tree.devices_kset
    kobjects.kobject_init(dev.kobj, this.#ktype)
  }

  dev_set_name(dev: device, fmt: string, ...args: unknown[]): errno_t {
    return this.#needs.kobjects.kobject_set_name(dev.kobj, fmt, ...args)
  }

  device_register(dev: device): errno_t {
    this.device_initialize(dev)
    return this.device_add(dev)
  }

  device_add(dev: device): errno_t {
    const { kobjects, tree } = this.#needs
    if (dev.init_name !== undefined) {
      this.dev_set_name(dev, '%s', dev.init_name)
      dev.init_name = undefined
    }
    if (!dev.kobj.name) return -EINVAL
    kobjects.kobject_get(dev.parent?.kobj)
    const home = tree.get_device_parent(dev, dev.parent)
    if (home) dev.kobj.parent = home
    const err = kobjects.kobject_add(dev.kobj, dev.kobj.parent, null)
    if (!err) return this.#furnish(dev)
    tree.cleanup_glue_dir(home)
    this.put_device(dev.parent)
    return err
  }

  device_del(dev: device): void {
    if (!dev.kobj.state_in_sysfs) return
    const { classes, tree, numbers } = this.#needs
    tree.leave(dev)
    numbers.remove(dev)
    tree.remove_class_links(dev)
    classes.remove(dev)
    this.#takeAway(dev)
  }

  device_unregister(dev: device): void {
    this.device_del(dev)
    this.put_device(dev)
  }

  get_device<T extends MaybeDevice>(dev: T): T {
    this.#needs.kobjects.kobject_get(dev?.kobj)
    return dev
  }

  put_device(dev: MaybeDevice): void {
    this.#needs.kobjects.kobject_put(dev?.kobj)
  }

  dev_driver_string(dev: device): string {
    return driver_string(dev)
  }

  /** All that a device has beside its directory; all or nothing. */
  #furnish(dev: device): errno_t {
    const { uevents, classes, tree, numbers, deviceUevents } = this.#needs
    deviceUevents.add_file(dev)
    const unlinked = tree.add_class_links(dev)
    const err = unlinked || this.#files(dev) || numbers.add(dev)
    if (err) {
      if (!unlinked) tree.remove_class_links(dev)
      this.#takeAway(dev)
      return err
    }
    uevents.kobject_uevent(dev.kobj, KOBJ_ADD)
    tree.join(dev)
    classes.add(dev)
    return 0
  }

  #files(dev: device): errno_t {
    const { sysfs, deviceFiles } = this.#needs
    const groups = [dev.class?.dev_groups, dev.type?.groups, dev.groups]
    const err = deviceFiles.add_all_groups(dev.kobj, groups)
    if (err) return err
    dpm_sysfs_add(sysfs, dev.kobj.sd as Inode)
    return 0
  }

  /** Its directory, with all that is in it. */
  #takeAway(dev: device): void {
    const { kobjects, uevents, tree } = this.#needs
    const home: kobject | undefined = dev.kobj.parent
    uevents.kobject_uevent(dev.kobj, KOBJ_REMOVE)
    kobjects.kobject_del(dev.kobj)
    tree.cleanup_glue_dir(home)
    this.put_device(dev.parent)
  }

  #release(dev: device): void {
    const { devres, traps, code } = this.#needs
    const given_back = devres.release_all(dev)
    // Nobody can wait for it here.
    if (given_back) given_back.catch((exception: unknown) => traps.die(exception))
    const release = dev.release ?? dev.type?.release ?? dev.class?.dev_release
    // The driver may be gone long before its device.
    if (release) return void code.call(release, dev)
    const why =
      "Device '%s' does not have a release() function, it is broken and must be fixed. See Documentation/core-api/kobject.rst.\n"
    traps.WARN(true, `${KERN_ERR}${why}`, dev.kobj.name)
  }
}
