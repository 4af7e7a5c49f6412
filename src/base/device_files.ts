// Files that drivers add to their devices. Linux: device_create_file() and its like in
// drivers/base/core.c.

import { EINVAL } from '../include/linux/errno.ts'
import type { class_, device, device_attribute } from '../include/linux/device.ts'
import type { kobj_type, kobject } from '../include/linux/kobject.ts'
import type { attribute_group, bin_attribute, sysfs_ops } from '../include/linux/sysfs.ts'
import { S_IRUGO, S_IWUGO } from '../include/linux/stat.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { SysfsFiles } from '../fs/sysfs/file.ts'
import type { SysfsGroups } from '../fs/sysfs/group.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Printk } from '../kernel/printk.ts'
import { PAGE_SIZE } from '../lib/page_text.ts'
import { attribute_ops } from './sysfs_ops.ts'

type MaybeDevice = device | null | undefined
type Groups = readonly attribute_group[] | null | undefined

interface Needs {
  files: SysfsFiles
  groups: SysfsGroups
  log: Printk
  traps: Traps
}

export class DeviceFiles {
  static readonly EXPORT_SYMBOL_GPL = [
    'device_create_file',
    'device_remove_file',
    'device_create_bin_file',
    'device_remove_bin_file',
    'device_add_groups',
    'device_remove_groups',
  ] as const

  /** What makes devices' attributes work. */
  readonly device_ktype: kobj_type
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
    const ops = attribute_ops(
      'dev_attr',
      kobj => kobj.container as device,
      (show, count) => {
        if (count < PAGE_SIZE) return
        needs.log.printk('dev_attr_show: %pS returned bad count\n', show)
      },
    )
    this.device_ktype = { sysfs_ops: ops as sysfs_ops }
  }

  /** What makes the attributes of a class work. */
  class_ktype(cls: class_): kobj_type {
    return { sysfs_ops: attribute_ops('class_attr', () => cls) as sysfs_ops }
  }

  /** Every group of these lists, as long as nothing goes wrong: 0 or an error. */
  add_all_groups(kobj: kobject, lists: readonly Groups[]): errno_t {
    for (const groups of lists) {
      const err = this.#needs.groups.sysfs_create_groups(kobj, groups)
      if (err) return err
    }
    return 0
  }

  device_create_file(dev: MaybeDevice, attr: device_attribute): errno_t {
    if (!dev) return 0
    const { traps, files } = this.#needs
    const { name, mode } = attr.attr
    const mute = (mode & S_IWUGO) !== 0 && !attr.store
    traps.WARN(mute, "Attribute %s: write permission without 'store'\n", name)
    const blind = (mode & S_IRUGO) !== 0 && !attr.show
    traps.WARN(blind, "Attribute %s: read permission without 'show'\n", name)
    return files.sysfs_create_file_ns(dev.kobj, attr, null)
  }

  device_remove_file(dev: MaybeDevice, attr: device_attribute): void {
    if (dev) this.#needs.files.sysfs_remove_file_ns(dev.kobj, attr, null)
  }

  device_create_bin_file(dev: MaybeDevice, attr: bin_attribute): errno_t {
    return dev ? this.#needs.files.sysfs_create_bin_file(dev.kobj, attr) : -EINVAL
  }

  device_remove_bin_file(dev: MaybeDevice, attr: bin_attribute): void {
    if (dev) this.#needs.files.sysfs_remove_bin_file(dev.kobj, attr)
  }

  device_add_groups(dev: device, groups: Groups): errno_t {
    return this.#needs.groups.sysfs_create_groups(dev.kobj, groups)
  }

  device_remove_groups(dev: device, groups: Groups): void {
    this.#needs.groups.sysfs_remove_groups(dev.kobj, groups)
  }
}
