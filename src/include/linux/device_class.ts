// Classes: kinds of devices, and the devices of one. Implemented in base/class.ts.
// Linux: include/linux/device/class.h.
import type { Classes } from '../../base/class.ts'
import type { class_attribute } from './device_attr.ts'
import type { device } from './device.ts'
import type { kobj_uevent_env } from './kobject.ts'
import type { attribute_group } from './sysfs.ts'
import type { dev_t, errno_t, ref, umode_t } from './types.ts'

/** A kind of device: a directory in /sys/class. */
export interface class_ {
  readonly name: string
  /**
   * Name, and through `mode` the permissions, of a device's node in /dev. `mode` is absent
   * when only the name is wanted.
   */
  devnode?: (dev: device, mode: ref<umode_t> | undefined) => string | null | undefined
  /** Adds to each event about a device, with add_uevent_var(): 0 or an error. */
  dev_uevent?: (dev: device, env: kobj_uevent_env) => errno_t
  /** Files in the class's own directory; set them before class_register(). */
  class_groups?: readonly attribute_group[]
  /** Files that each device of the class gets, from now on. */
  dev_groups?: readonly attribute_group[]
  /** Ends a device that has no release() of its own. */
  dev_release?: (dev: device) => void
  /** The class itself has gone. */
  class_release?: (cls: class_) => void
}

export type { class_ as class }

/** `class_create("name")`, or `class_create(THIS_MODULE, "name")` as before Linux 6.4. */
export declare const class_create: Classes['class_create']
/** Remove an empty class. */
export declare const class_destroy: Classes['class_destroy']
/** Add a class of the driver's own, `{ name: 'foo' }`: 0 or an error. */
export declare const class_register: Classes['class_register']
export declare const class_unregister: Classes['class_unregister']
/** @internal */
export declare const class_create_file_ns: Classes['class_create_file_ns']
/** @internal */
export declare const class_remove_file_ns: Classes['class_remove_file_ns']
/** A file in the class's directory: 0 or an error. */
export const class_create_file = (cls: class_, attr: class_attribute): errno_t =>
  class_create_file_ns(cls, attr, null)
export const class_remove_file = (cls: class_, attr: class_attribute): void =>
  class_remove_file_ns(cls, attr, null)

/** Call `fn` for each device behind `start` (null: for all), until it answers other than 0: that. */
export declare const class_for_each_device: Classes['class_for_each_device']
/** The first for which `match` is true, with a reference that put_device() gives back; or null. */
export declare const class_find_device: Classes['class_find_device']
export declare const device_match_name: Classes['device_match_name']
export declare const device_match_devt: Classes['device_match_devt']
export declare const device_match_any: Classes['device_match_any']
export const class_find_device_by_name = (cls: class_, name: string): device | null =>
  class_find_device(cls, null, name, device_match_name)
export const class_find_device_by_devt = (cls: class_, devt: dev_t): device | null =>
  class_find_device(cls, null, devt, device_match_devt)
