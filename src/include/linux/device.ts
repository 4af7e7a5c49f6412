// Devices. Implemented in base/core.ts, base/device_create.ts, base/device_tree.ts and base/device_files.ts.
// Linux: include/linux/device.h.
//
// Where C embeds a struct device in a struct of the driver's and finds that again with
// container_of(), a class of the driver's extends device.
import type { Devices } from '../../base/core.ts'
import type { DeviceCreation } from '../../base/device_create.ts'
import type { DeviceFiles } from '../../base/device_files.ts'
import type { DeviceTree } from '../../base/device_tree.ts'
import type { class_ } from './device_class.ts'
import { kobject, type kobj_uevent_env } from './kobject.ts'
import type { module } from './module.ts'
import type { attribute_group } from './sysfs.ts'
import type { dev_t, errno_t, ref, umode_t } from './types.ts'

export * from './dev_printk.ts'
export * from './device_attr.ts'
export * from './device_class.ts'
export * from './devres.ts'

/** What devices of one kind within a class have in common. */
export interface device_type {
  /** DEVTYPE of their events. */
  readonly name?: string
  readonly groups?: readonly attribute_group[]
  /** Adds to each event about one: 0 or an error. */
  uevent?(dev: device, env: kobj_uevent_env): errno_t
  /** As a class's devnode, and the owner; asked before the class. */
  devnode?(
    dev: device,
    mode: ref<umode_t>,
    uid: ref<number>,
    gid: ref<number>,
  ): string | null | undefined
  /** Of those that have no release() of their own. */
  release?: (dev: device) => void
}

/** The members that a driver sets before device_add(). */
export interface device_fields {
  /** In whose directory its own is. */
  parent?: device | null | undefined
  /** Its name, if it is not given with dev_set_name(). */
  init_name?: string | undefined
  type?: device_type | undefined
  class?: class_ | undefined
  devt?: dev_t
  /** Files that it has from the start. */
  groups?: readonly attribute_group[] | null | undefined
  platform_data?: unknown
  driver_data?: unknown
  /** The last reference is gone: end what the device stands for. */
  release?: ((dev: device) => void) | undefined
}

export class device {
  /** For kobject_uevent() and sysfs_create_link(). */
  readonly kobj = new kobject()
  parent: device | null | undefined = undefined
  init_name: string | undefined = undefined
  type: device_type | undefined = undefined
  class: class_ | undefined = undefined
  devt: dev_t = 0
  groups: readonly attribute_group[] | null | undefined = undefined
  platform_data: unknown = undefined
  driver_data: unknown = undefined
  release: ((dev: device) => void) | undefined = undefined

  /** `new device({ init_name: 'mine', release: mine_release })` */
  constructor(fields: device_fields = {}) {
    this.kobj.container = this
    Object.assign(this, fields)
  }
}

/** The name of a device. */
export const dev_name = (dev: device): string => dev.init_name ?? dev.kobj.name
export const dev_get_drvdata = (dev: device): unknown => dev.driver_data
export const dev_set_drvdata = (dev: device, data: unknown): void => {
  dev.driver_data = data
}
export const dev_get_platdata = (dev: device): unknown => dev.platform_data

/** The device that an object of sysfs is part of. */
export const kobj_to_dev = (kobj: kobject): device => kobj.container as device

/** Has device_add() succeeded, and device_del() not been called yet? */
export const device_is_registered = (dev: device): boolean => dev.kobj.state_in_sysfs

/** Make `dev` ready, with one reference: from now on put_device() ends it. */
export declare const device_initialize: Devices['device_initialize']
/** Its name, a printf format with its arguments: 0 or an error. */
export declare const dev_set_name: Devices['dev_set_name']
/** Give it its directory in /sys, its links, files and node; 0 or an error. Then put_device() is due. */
export declare const device_add: Devices['device_add']
/** Take that away again; the references stay. */
export declare const device_del: Devices['device_del']
/** device_initialize() and device_add(): 0 or an error, after which put_device() is due. */
export declare const device_register: Devices['device_register']
/** device_del() and put_device(). */
export declare const device_unregister: Devices['device_unregister']
/** One more reference; the device. */
export declare const get_device: Devices['get_device']
/** One reference less; with the last one release() is called. */
export declare const put_device: Devices['put_device']
/** Driver, bus or class of a device, whichever it has: as messages begin. */
export declare const dev_driver_string: Devices['dev_driver_string']

/** Add a device, with its node in /dev. The name is a printf format with its arguments. */
export declare const device_create: DeviceCreation['device_create']
/** As device_create(), with files that are there before anybody hears of the device. */
export declare const device_create_with_groups: DeviceCreation['device_create_with_groups']
/** Remove the device with this number. */
export declare const device_destroy: DeviceCreation['device_destroy']
/** @internal */
export declare const __root_device_register: DeviceCreation['__root_device_register']
/** A device that only holds others: a directory in /sys/devices. */
export const root_device_register = (name: string): device | errno_t =>
  __root_device_register(name, __this_module as module)
export declare const root_device_unregister: DeviceCreation['root_device_unregister']

/** Call `fn` for each device below `parent`, until it answers other than 0: that answer. */
export declare const device_for_each_child: DeviceTree['device_for_each_child']
/** The same from the last to the first. */
export declare const device_for_each_child_reverse: DeviceTree['device_for_each_child_reverse']
/** The first below `parent` for which `match` is true, with a reference; or null. */
export declare const device_find_child: DeviceTree['device_find_child']
/** The same by name. */
export declare const device_find_child_by_name: DeviceTree['device_find_child_by_name']
/** Another name; only its directory and the class's link follow, no node: 0 or an error. */
export declare const device_rename: DeviceTree['device_rename']
/** Another parent, or none: 0 or an error. */
export declare const device_move: DeviceTree['device_move']

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
