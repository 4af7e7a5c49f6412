// Character devices. Implemented in fs/char_dev.ts. Linux: include/linux/cdev.h.
import type { CharDevices } from '../../fs/char_dev.ts'
import type { file_operations } from './fs.ts'
import type { module } from './module.ts'
import type { dev_t } from './types.ts'

export class cdev {
  ops: file_operations = {}
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
