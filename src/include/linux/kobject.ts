// Objects that have a directory in /sys, and the events about them. Implemented in base/uevent.ts.
// Linux: include/linux/kobject.h.
import type { Uevents } from '../../base/uevent.ts'

export const KOBJ_ADD = 0
export const KOBJ_REMOVE = 1
export const KOBJ_CHANGE = 2
export const KOBJ_MOVE = 3
export const KOBJ_ONLINE = 4
export const KOBJ_OFFLINE = 5
export const KOBJ_BIND = 6
export const KOBJ_UNBIND = 7

/** KOBJ_ADD to KOBJ_UNBIND. */
export type kobject_action = number

/** What a directory in /sys stands for: a module, a class, a device (`dev.kobj`). */
export interface kobject {
  readonly name: string
}

/** The variables of one event, as add_uevent_var() adds them. */
export interface kobj_uevent_env {
  /** "KEY=value", in order. */
  readonly envp: string[]
}

export const kobject_name = (kobj: kobject): string => kobj.name

/** Tell everybody who listens that something happened to `kobj`: 0 or an error. */
export declare const kobject_uevent: Uevents['kobject_uevent']
/** As kobject_uevent(), with variables of one's own: "KEY=value" each. */
export declare const kobject_uevent_env: Uevents['kobject_uevent_env']
/** Add "KEY=value", which is a printk format with its arguments; 0, or -ENOMEM if it is full. */
export declare const add_uevent_var: Uevents['add_uevent_var']
