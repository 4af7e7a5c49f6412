// Where devices are in /sys: below which other, in which class, under which name. Linux:
// get_device_parent(), device_for_each_child(), device_rename(), device_move() in drivers/base/core.c.
//
// A device of a class whose parent is of none lives in a directory of the class's below that parent, a
// "glue" directory, so that names of different classes do not meet.

import type { class_, device } from '../include/linux/device.ts'
import { EINVAL } from '../include/linux/errno.ts'
import { kobject, type kset, type kset_uevent_ops } from '../include/linux/kobject.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysfsFiles } from '../fs/sysfs/file.ts'
import type { Classes } from './class.ts'
import type { KobjectMoves } from './kobject_moves.ts'
import type { Kobjects } from './kobjects.ts'

type MaybeDevice = device | null | undefined
type Visit<T> = (dev: device, data: T) => number

interface Needs {
  kobjects: Kobjects
  moves: KobjectMoves
  files: SysfsFiles
  classes: Classes
}

export class DeviceTree {
  static readonly EXPORT_SYMBOL_GPL = [
    'device_for_each_child',
    'device_for_each_child_reverse',
    'device_find_child',
    'device_find_child_by_name',
    'device_rename',
    'device_move',
  ] as const

  /** /sys/devices: the set of all devices. */
  readonly devices_kset: kset
  readonly #needs: Needs
  readonly #virtual: kobject
  readonly #children = new WeakMap<device, Set<device>>()
  /** Glue directories: of which class, and below what. */
  readonly #glue = new Map<class_, Map<kobject, kobject>>()
  readonly #classOf = new WeakMap<kobject, class_>()

  constructor(needs: Needs, uevent_ops: kset_uevent_ops) {
    const { kobjects } = needs
    this.#needs = needs
    this.devices_kset = kobjects.kset_create_and_add('devices', uevent_ops, null) as kset
    const home = this.devices_kset.kobj
    this.#virtual = kobjects.kobject_create_and_add('virtual', home) as kobject
  }

  device_for_each_child<T>(parent: device, data: T, fn: Visit<T>): number {
    return visit(this.#childrenOf(parent), data, fn)
  }

  device_for_each_child_reverse<T>(parent: device, data: T, fn: Visit<T>): number {
    return visit(this.#childrenOf(parent).toReversed(), data, fn)
  }

  device_find_child<T>(
    parent: MaybeDevice,
    data: T,
    match: (dev: device, data: T) => unknown,
  ): device | null {
    if (!parent) return null
    const found = this.#childrenOf(parent).find(dev => match(dev, data))
    if (found) this.#needs.kobjects.kobject_get(found.kobj)
    return found ?? null
  }

  device_find_child_by_name(parent: MaybeDevice, name: string): device | null {
    return this.device_find_child(parent, name, dev => dev.kobj.name === name)
  }

  device_rename(dev: MaybeDevice, new_name: string): errno_t {
    if (!dev) return -EINVAL
    const { moves, files, classes } = this.#needs
    const subsystem = dev.class && classes.kobj(dev.class)
    if (subsystem) {
      const { kobj } = dev
      const err = files.sysfs_rename_link_ns(subsystem, kobj, kobj.name, new_name, null)
      if (err) return err
    }
    return moves.kobject_rename(dev.kobj, new_name)
  }

  device_move(dev: MaybeDevice, new_parent: MaybeDevice, _dpm_order: number): errno_t {
    if (!dev) return -EINVAL
    const { kobjects, moves, files } = this.#needs
    const home = this.get_device_parent(dev, new_parent)
    const before = dev.kobj.parent
    const err = moves.kobject_move(dev.kobj, home)
    if (err) {
      this.cleanup_glue_dir(home)
      return err
    }
    this.cleanup_glue_dir(before)
    this.leave(dev)
    kobjects.kobject_put(dev.parent?.kobj)
    dev.parent = new_parent
    kobjects.kobject_get(new_parent?.kobj)
    this.join(dev)
    if (!dev.class) return 0
    files.sysfs_remove_link(dev.kobj, 'device')
    return new_parent ? files.sysfs_create_link(dev.kobj, new_parent.kobj, 'device') : 0
  }

  /** In which object's directory that of `dev` belongs; undefined: in /sys/devices. */
  get_device_parent(dev: device, parent: MaybeDevice): kobject | undefined {
    if (!dev.class) return parent?.kobj
    if (parent?.class) return parent.kobj
    return this.#glueDir(dev.class, parent?.kobj ?? this.#virtual)
  }

  /** A device has left `dir`: a glue directory that is empty now goes, too. */
  cleanup_glue_dir(dir: kobject | undefined): void {
    const inside = (dir?.sd as Inode | undefined)?.children?.size ?? 0
    const cls = dir && this.#classOf.get(dir)
    const dirs = cls && this.#glue.get(cls)
    if (!dir?.parent || !cls || !dirs || inside > 0) return
    dirs.delete(dir.parent)
    if (dirs.size === 0) this.#glue.delete(cls)
    this.#classOf.delete(dir)
    this.#needs.kobjects.kobject_put(dir)
  }

  /** The links between a device, its class and its parent: 0 or an error. */
  add_class_links(dev: device): errno_t {
    const { files, classes } = this.#needs
    const subsystem = dev.class && classes.kobj(dev.class)
    if (!subsystem) return dev.class ? -EINVAL : 0
    const { kobj, parent } = dev
    return (
      files.sysfs_create_link(kobj, subsystem, 'subsystem') ||
      (parent ? files.sysfs_create_link(kobj, parent.kobj, 'device') : 0) ||
      files.sysfs_create_link(subsystem, kobj, kobj.name)
    )
  }

  /** Those that are not in the device's own directory. */
  remove_class_links(dev: device): void {
    const { files, classes } = this.#needs
    const subsystem = dev.class && classes.kobj(dev.class)
    if (subsystem) files.sysfs_remove_link(subsystem, dev.kobj.name)
  }

  /** `dev` is one of its parent's children from now on. */
  join(dev: device): void {
    if (!dev.parent) return
    const children = this.#children.get(dev.parent) ?? new Set()
    this.#children.set(dev.parent, children.add(dev))
  }

  leave(dev: device): void {
    if (dev.parent) this.#children.get(dev.parent)?.delete(dev)
  }

  #childrenOf(parent: device): device[] {
    return [...(this.#children.get(parent) ?? [])]
  }

  #glueDir(cls: class_, above: kobject): kobject {
    const { kobjects } = this.#needs
    const dirs = this.#glue.get(cls) ?? new Map<kobject, kobject>()
    const known = dirs.get(above)
    if (known) return known
    this.#glue.set(cls, dirs)
    const dir = new kobject()
    kobjects.kobject_init_and_add(dir, {}, above, '%s', cls.name)
    dirs.set(above, dir)
    this.#classOf.set(dir, cls)
    return dir
  }
}

function visit<T>(devices: readonly device[], data: T, fn: Visit<T>): number {
  for (const dev of devices) {
    const answer = fn(dev, data)
    if (answer) return answer
  }
  return 0
}
