// Devices and their classes. Implemented in base/core.ts and base/device_files.ts. Linux: include/linux/device.h.
import type { Devices } from '../../base/core.ts'
import type { DeviceFiles } from '../../base/device_files.ts'
import type { kobj_uevent_env, kobject } from './kobject.ts'
import {
  __ATTR,
  __ATTR_RO,
  __ATTR_RW,
  __ATTR_WO,
  type attribute_group,
  type object_attribute,
} from './sysfs.ts'
import type { dev_t, errno_t, ref, umode_t } from './types.ts'

export * from './dev_printk.ts'

/** A kind of device: a directory in /sys/class. */
export interface class_ {
  readonly name: string
  /**
   * Name, and through `mode` the permissions, of a device's node in /dev. `mode` is absent
   * when only the name is wanted.
   */
  devnode?: (dev: device, mode: ref<umode_t> | undefined) => string | undefined
  /** Adds to each event about a device, with add_uevent_var(): 0 or an error. */
  dev_uevent?: (dev: device, env: kobj_uevent_env) => errno_t
  /** Files in the class's own directory; set them before class_register(). */
  class_groups?: readonly attribute_group[]
  /** Files that each device of the class gets, from now on. */
  dev_groups?: readonly attribute_group[]
}

export type { class_ as class }

export interface device {
  readonly devt: dev_t
  readonly class: class_
  /** For kobject_uevent(). */
  readonly kobj: kobject
  /** Its name in /sys. */
  readonly kobj_name: string
  driver_data: unknown
}

/** The name of a device. */
export const dev_name = (dev: device): string => dev.kobj_name
export const dev_get_drvdata = (dev: device): unknown => dev.driver_data
export const dev_set_drvdata = (dev: device, data: unknown): void => {
  dev.driver_data = data
}

/** The device that an object of sysfs is part of. */
export const kobj_to_dev = (kobj: kobject): device => kobj.container as device

/** A file of a device: `show(dev, attr, buf)`, `store(dev, attr, buf, count)`. */
export type device_attribute = object_attribute<device>
/** A file of a class: the same with the class. */
export type class_attribute = object_attribute<class_>

type Show = device_attribute['show'] | null
type Store = device_attribute['store'] | null
type ClassShow = class_attribute['show'] | null
type ClassStore = class_attribute['store'] | null

/** `const dev_attr_x = DEVICE_ATTR('x', 0o644, x_show, x_store)`; null for what is not there. */
export const DEVICE_ATTR = (
  name: string,
  mode: umode_t,
  show: Show,
  store: Store,
): device_attribute => __ATTR(name, mode, show, store)
export const DEVICE_ATTR_RO = (name: string, show: Show): device_attribute =>
  __ATTR_RO(name, show)
export const DEVICE_ATTR_WO = (name: string, store: Store): device_attribute =>
  __ATTR_WO(name, store)
export const DEVICE_ATTR_RW = (
  name: string,
  show: Show,
  store: Store,
): device_attribute => __ATTR_RW(name, show, store)

/** `const class_attr_x = CLASS_ATTR_RO('x', x_show)` */
export const CLASS_ATTR_RO = (name: string, show: ClassShow): class_attribute =>
  __ATTR_RO(name, show)
export const CLASS_ATTR_WO = (name: string, store: ClassStore): class_attribute =>
  __ATTR_WO(name, store)
export const CLASS_ATTR_RW = (
  name: string,
  show: ClassShow,
  store: ClassStore,
): class_attribute => __ATTR_RW(name, show, store)

/** `class_create("name")`, or `class_create(THIS_MODULE, "name")` as before Linux 6.4. */
export declare const class_create: Devices['class_create']
/** Remove an empty class. */
export declare const class_destroy: Devices['class_destroy']
/** Add a class of the driver's own, `{ name: 'foo' }`: 0 or an error. */
export declare const class_register: Devices['class_register']
export declare const class_unregister: Devices['class_unregister']
/** @internal */
export declare const class_create_file_ns: Devices['class_create_file_ns']
/** @internal */
export declare const class_remove_file_ns: Devices['class_remove_file_ns']
/** A file in the class's directory: 0 or an error. */
export const class_create_file = (cls: class_, attr: class_attribute): errno_t =>
  class_create_file_ns(cls, attr, null)
export const class_remove_file = (cls: class_, attr: class_attribute): void =>
  class_remove_file_ns(cls, attr, null)
/** Add a device, with its node in /dev. The name is a printf format with its arguments. */
export declare const device_create: Devices['device_create']
/** Remove the device with this number. */
export declare const device_destroy: Devices['device_destroy']
/** As device_create(), with files that are there before anybody hears of the device. */
export declare const device_create_with_groups: Devices['device_create_with_groups']
/** Remove the device. */
export declare const device_unregister: Devices['device_unregister']
/** One more file of a device: 0 or an error. */
export declare const device_create_file: DeviceFiles['device_create_file']
export declare const device_remove_file: DeviceFiles['device_remove_file']
/** The same for a file of bytes. */
export declare const device_create_bin_file: DeviceFiles['device_create_bin_file']
export declare const device_remove_bin_file: DeviceFiles['device_remove_bin_file']
/** Groups of files, all or none: 0 or an error. */
export declare const device_add_groups: DeviceFiles['device_add_groups']
export declare const device_remove_groups: DeviceFiles['device_remove_groups']

export const device_add_group = (dev: device, grp: attribute_group): errno_t =>
  device_add_groups(dev, [grp])
export const device_remove_group = (dev: device, grp: attribute_group): void =>
  device_remove_groups(dev, [grp])
