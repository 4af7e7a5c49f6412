// Classes: directories in /sys/class, and which devices are of which. Linux: drivers/base/class.c.

import { EINVAL } from '../include/linux/errno.ts'
import type { class_, class_attribute, device } from '../include/linux/device.ts'
import { type kobject, kset } from '../include/linux/kobject.ts'
import type { module } from '../include/linux/module.ts'
import type { dev_t, errno_t } from '../include/linux/types.ts'
import type { SysfsFiles } from '../fs/sysfs/file.ts'
import type { Registered } from '../kernel/debugobjects.ts'
import type { Traps } from '../kernel/panic.ts'
import type { DeviceFiles } from './device_files.ts'
import type { Kobjects } from './kobjects.ts'

type Match<T> = (dev: device, data: T) => unknown

/** A class that is registered. */
interface Subsystem {
  readonly set: kset
  /** In the order in which they came. */
  readonly devices: Set<device>
}

interface Needs {
  kobjects: Kobjects
  files: SysfsFiles
  deviceFiles: DeviceFiles
  traps: Traps
  debugobjects: Registered
}

export class Classes {
  static readonly EXPORT_SYMBOL_GPL = [
    'class_create',
    'class_destroy',
    'class_register',
    'class_unregister',
    'class_create_file_ns',
    'class_remove_file_ns',
    'class_for_each_device',
    'class_find_device',
    'device_match_name',
    'device_match_devt',
    'device_match_any',
  ] as const

  readonly #needs: Needs
  readonly #set: kset
  readonly #classes = new Map<class_, Subsystem>()

  constructor(needs: Needs) {
    this.#needs = needs
    this.#set = needs.kobjects.kset_create_and_add('class', null, null) as kset
  }

  class_create(
    ...args: [name: string] | [owner: module, name: string]
  ): class_ | errno_t {
    const name = args.length === 2 ? args[1] : args[0]
    const cls = { name }
    return this.class_register(cls) || cls
  }

  class_destroy(cls: class_ | errno_t | null | undefined): void {
    if (typeof cls === 'object' && cls !== null) this.class_unregister(cls)
  }

  class_register(cls: class_): errno_t {
    const { kobjects, deviceFiles } = this.#needs
    const set = new kset()
    kobjects.kobject_set_name(set.kobj, '%s', cls.name)
    set.kobj.kset = this.#set
    set.kobj.ktype = {
      ...deviceFiles.class_ktype(cls),
      release: () => cls.class_release?.(cls),
    }
    const err = kobjects.kset_register(set)
    if (err) return err
    this.#classes.set(cls, { set, devices: new Set() })
    this.#needs.debugobjects.debug_object_activate('class', cls, cls.name)
    const failed = deviceFiles.add_all_groups(set.kobj, [cls.class_groups])
    if (failed) this.class_unregister(cls)
    return failed
  }

  class_unregister(cls: class_): void {
    const subsystem = this.#classes.get(cls)
    this.#classes.delete(cls)
    this.#needs.debugobjects.debug_object_deactivate(cls)
    this.#needs.kobjects.kset_unregister(subsystem?.set)
  }

  /** There are no namespaces: `_ns` stands for nothing. */
  class_create_file_ns(cls: class_ | null, attr: class_attribute, _ns: unknown): errno_t {
    const kobj = cls && this.kobj(cls)
    return kobj ? this.#needs.files.sysfs_create_file_ns(kobj, attr, null) : -EINVAL
  }

  class_remove_file_ns(cls: class_ | null, attr: class_attribute, _ns: unknown): void {
    const kobj = cls && this.kobj(cls)
    if (kobj) this.#needs.files.sysfs_remove_file_ns(kobj, attr, null)
  }

  class_for_each_device<T>(
    cls: class_,
    start: device | null,
    data: T,
    fn: (dev: device, data: T) => number,
  ): number {
    for (const dev of this.#behind(cls, start, 'class_for_each_device')) {
      const answer = fn(dev, data)
      if (answer) return answer
    }
    return 0
  }

  class_find_device<T>(
    cls: class_,
    start: device | null,
    data: T,
    match: Match<T>,
  ): device | null {
    const devices = this.#behind(cls, start, 'class_find_device')
    const found = devices.find(dev => match(dev, data))
    if (found) this.#needs.kobjects.kobject_get(found.kobj)
    return found ?? null
  }

  device_match_name(dev: device, name: unknown): boolean {
    return dev.kobj.name === name
  }

  device_match_devt(dev: device, devt: dev_t): boolean {
    return dev.devt === devt
  }

  device_match_any(_dev: device, _unused?: unknown): boolean {
    return true
  }

  /** What stands for a class in /sys; undefined if it is not registered. */
  kobj(cls: class_): kobject | undefined {
    return this.#classes.get(cls)?.set.kobj
  }

  add(dev: device): void {
    this.#needs.debugobjects.debug_object_activate('device', dev, dev.kobj.name)
    if (dev.class) this.#classes.get(dev.class)?.devices.add(dev)
  }

  remove(dev: device): void {
    this.#needs.debugobjects.debug_object_deactivate(dev)
    if (dev.class) this.#classes.get(dev.class)?.devices.delete(dev)
  }

  /** The devices behind `start`, or all. They may go while they are gone through. */
  #behind(cls: class_, start: device | null, caller: string): device[] {
    const subsystem = this.#classes.get(cls)
    const why = "%s called for class '%s' before it was initialized"
    if (this.#needs.traps.WARN(!subsystem, why, caller, cls.name) || !subsystem) return []
    const all = [...subsystem.devices]
    return start ? all.slice(all.indexOf(start) + 1) : all
  }
}
