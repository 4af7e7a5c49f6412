// Devices that need one minor number only. Implemented in base/misc.ts.
// Linux: include/linux/miscdevice.h.
import type { MiscDevices } from '../../base/misc.ts'
import { MISC_MAJOR } from '../uapi/major.ts'
import type { device } from './device.ts'
import type { file_operations } from './fs.ts'
import type { attribute_group } from './sysfs.ts'
import type { umode_t } from './types.ts'

export const MISC_DYNAMIC_MINOR = 255

/** The module is to be loaded when somebody opens the misc device of that number. */
export function MODULE_ALIAS_MISCDEV(minor: number): void {
  // Not MODULE_ALIAS(): the kernel itself imports this header, and is no module.
  __this_module.modinfo('alias', `char-major-${MISC_MAJOR}-${minor}`)
}

export interface miscdevice {
  /** MISC_DYNAMIC_MINOR is replaced by the minor that was found. */
  minor: number
  readonly name: string
  readonly fops: file_operations
  /** Permissions of the node in /dev; 0600 if absent. */
  readonly mode?: umode_t
  /** Name of the node, where it is not `name`. */
  readonly nodename?: string
  /** The device whose directory its own is in. */
  readonly parent?: device
  /** Files of its device. */
  readonly groups?: readonly attribute_group[]
  /** Its device, while it is registered. */
  this_device?: device | undefined
}

/** Reserve the minor and make the node; 0 or an error. */
export declare const misc_register: MiscDevices['misc_register']
/** Undo misc_register(). */
export declare const misc_deregister: MiscDevices['misc_deregister']
