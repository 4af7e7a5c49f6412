// Devices and their classes. Implemented in base/. Linux: include/linux/device.h.
import type { Devices } from '../../base/core.ts'
import type { kobj_uevent_env, kobject } from './kobject.ts'
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

/** `class_create("name")`, or `class_create(THIS_MODULE, "name")` as before Linux 6.4. */
export declare const class_create: Devices['class_create']
/** Remove an empty class. */
export declare const class_destroy: Devices['class_destroy']
/** Add a device, with its node in /dev. The name is a printf format with its arguments. */
export declare const device_create: Devices['device_create']
/** Remove the device with this number. */
export declare const device_destroy: Devices['device_destroy']
