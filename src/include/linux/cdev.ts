// Character devices. Implemented in fs/char_dev.ts. Linux: include/linux/cdev.h.
import type { CharDevices } from '../../fs/char_dev.ts'
import type { file_operations } from './fs.ts'
import { kobject } from './kobject.ts'
import type { module } from './module.ts'
import type { dev_t } from './types.ts'

export class cdev {
  /** @internal Counts who holds it: the driver, and each open file. */
  readonly kobj = new kobject()
  ops: file_operations | undefined = undefined
  /** The module that each open file keeps loaded. */
  owner: module | undefined = undefined
  dev: dev_t = 0
  count = 0
}

/** Tie `p` to its operations. It is not live until cdev_add(). */
export declare const cdev_init: CharDevices['cdev_init']
/** A new one; set its `ops` and `owner`. */
export declare const cdev_alloc: CharDevices['cdev_alloc']
/** Make `p` live: from now on open(2) of its numbers reaches the driver. */
export declare const cdev_add: CharDevices['cdev_add']
/** No new opens. Files already open keep working until closed. */
export declare const cdev_del: CharDevices['cdev_del']
/** Before cdev_add(): as long as `p` or one of its files is there, `kobj` is not released. */
export declare const cdev_set_parent: CharDevices['cdev_set_parent']
/**
 * cdev_add() for the number of `dev`, which becomes the parent, and device_add(): 0 or an error.
 * So the device is released only after the last file of it has been closed.
 */
export declare const cdev_device_add: CharDevices['cdev_device_add']
/** device_del() and cdev_del(). */
export declare const cdev_device_del: CharDevices['cdev_device_del']
