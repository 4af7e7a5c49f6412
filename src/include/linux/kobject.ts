// Objects that have a directory in /sys, and the events about them. Implemented in base/kobjects.ts,
// base/kobject_moves.ts and base/uevent.ts. Linux: include/linux/kobject.h.
//
// Where C embeds a struct kobject in a struct of the driver's and finds that again with
// container_of(), a class of the driver's extends kobject.
import type { KobjectMoves } from '../../base/kobject_moves.ts'
import type { Kobjects } from '../../base/kobjects.ts'
import type { Uevents } from '../../base/uevent.ts'
import type { attribute_group, object_attribute, sysfs_ops } from './sysfs.ts'
import type { errno_t } from './types.ts'

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

/** What a directory in /sys stands for: a module, a class, a device (`dev.kobj`), or a driver's own. */
export class kobject {
  name = ''
  parent: kobject | undefined = undefined
  /** The set it belongs to, which makes its events; set it before kobject_add(). */
  kset: kset | undefined = undefined
  ktype: kobj_type | undefined = undefined
  /** @internal its directory, while it has one */
  sd: unknown = undefined
  /** @internal how many hold it */
  refcount = 0
  /** @internal whose part it is, if it is a device's */
  container: unknown = undefined
  state_initialized = false
  state_in_sysfs = false
  state_add_uevent_sent = false
  state_remove_uevent_sent = false
  /** No events about it. */
  uevent_suppress = false
}

/** What all objects of a kind have in common. */
export interface kobj_type {
  /** The last one has let go: end what the object stands for. */
  release?(kobj: kobject): void
  readonly sysfs_ops?: sysfs_ops
  /** Files that each of them has. */
  readonly default_groups?: readonly attribute_group[]
}

/** An attribute of an object of kobject_create_and_add(): `__ATTR('name', 0o644, show, store)`. */
export type kobj_attribute = object_attribute<kobject>

/** A set of objects: a directory that they are in, unless they have a parent of their own. */
export class kset {
  readonly kobj = new kobject()
  uevent_ops: kset_uevent_ops | null = null
  /** @internal */
  readonly list = new Set<kobject>()
}

/** What a set has to say about the events of its objects. */
export interface kset_uevent_ops {
  /** False: no event about this one. */
  filter?(kobj: kobject): boolean
  /** SUBSYSTEM of the event, if it is not to be the set's name. */
  name?(kobj: kobject): string
  /** Adds variables: 0 or an error. */
  uevent?(kobj: kobject, env: kobj_uevent_env): errno_t
}

/** The variables of one event, as add_uevent_var() adds them. */
export interface kobj_uevent_env {
  /** "KEY=value", in order. */
  readonly envp: string[]
}

export const kobject_name = (kobj: kobject): string => kobj.name
export const get_ktype = (kobj: kobject): kobj_type | undefined => kobj.ktype

/** /sys/kernel. */
export declare const kernel_kobj: Kobjects['kernel_kobj']
/** Attributes with functions of their own: kobj_attribute. */
export declare const kobj_sysfs_ops: Kobjects['kobj_sysfs_ops']
/** Make `kobj` ready, with one reference. */
export declare const kobject_init: Kobjects['kobject_init']
/** Its name, a printf format with its arguments: 0 or an error. */
export declare const kobject_set_name: Kobjects['kobject_set_name']
/** Give it a directory, in that of `parent`, of its set, or in /sys: 0 or an error. */
export declare const kobject_add: Kobjects['kobject_add']
/** Both; after an error, too, kobject_put() is due. */
export declare const kobject_init_and_add: Kobjects['kobject_init_and_add']
/** A new object in /sys, in the directory of `parent`; null if that is not possible. */
export declare const kobject_create_and_add: Kobjects['kobject_create_and_add']
/** Take the directory away; the references stay. */
export declare const kobject_del: Kobjects['kobject_del']
/** One more reference; the object. */
export declare const kobject_get: Kobjects['kobject_get']
/** One reference less; with the last one goes the directory, and release() is called. */
export declare const kobject_put: Kobjects['kobject_put']
/** Another name in the same directory: 0 or an error. */
export declare const kobject_rename: KobjectMoves['kobject_rename']
/** Into the directory of `new_parent`, or of its set: 0 or an error. */
export declare const kobject_move: KobjectMoves['kobject_move']
/** Where it is below /sys: "/kernel/foo"; null if it is not there. */
export declare const kobject_get_path: Kobjects['kobject_get_path']
/** A set in the directory of `parent`, or in /sys; null if that is not possible. */
export declare const kset_create_and_add: Kobjects['kset_create_and_add']
/** Give a set of the driver's own, which has a name, its directory: 0 or an error. */
export declare const kset_register: Kobjects['kset_register']
export declare const kset_unregister: Kobjects['kset_unregister']
/** The object of that name in a set, with a reference; null if there is none. */
export declare const kset_find_obj: Kobjects['kset_find_obj']

/** Tell everybody who listens that something happened to `kobj`: 0 or an error. */
export declare const kobject_uevent: Uevents['kobject_uevent']
/** As kobject_uevent(), with variables of one's own: "KEY=value" each. */
export declare const kobject_uevent_env: Uevents['kobject_uevent_env']
/** Add "KEY=value", which is a printk format with its arguments; 0, or -ENOMEM if it is full. */
export declare const add_uevent_var: Uevents['add_uevent_var']
