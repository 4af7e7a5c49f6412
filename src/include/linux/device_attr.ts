// Files of devices and classes: the macros that make them. Linux: include/linux/device.h,
// include/linux/device/class.h.
import type { class_ } from './device_class.ts'
import type { device } from './device.ts'
import {
  __ATTR,
  __ATTR_RO,
  __ATTR_RW,
  __ATTR_WO,
  type object_attribute,
} from './sysfs.ts'
import type { umode_t } from './types.ts'

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
