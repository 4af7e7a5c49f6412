// Attributes that bring functions of their own, as those of devices, classes and objects do. Linux:
// dev_sysfs_ops and class_sysfs_ops in drivers/base/, kobj_sysfs_ops in lib/kobject.c.

import { EIO } from '../include/linux/errno.ts'
import type { kobject } from '../include/linux/kobject.ts'
import type { object_attribute, shown, sysfs_ops } from '../include/linux/sysfs.ts'
import type { ssize_t } from '../include/linux/types.ts'
import { put_shown } from '../lib/page_text.ts'

/**
 * `name`: of the two functions, as in "dev_attr_show". `objectOf`: what the attributes' functions
 * are given for the object. `filled` sees what a show() answered.
 */
export function attribute_ops<O>(
  name: string,
  objectOf: (kobj: kobject) => O,
  filled: (show: unknown, count: ssize_t) => void = () => {},
): sysfs_ops<object_attribute<O>> {
  type A = object_attribute<O>
  const show = (kobj: kobject, attr: A, buf: Uint8Array): shown => {
    if (!attr.show) return -EIO
    const count = put_shown(buf, attr.show(objectOf(kobj), attr, buf))
    const seen = (n: ssize_t) => {
      filled((attr as { show?: unknown }).show, n)
      return n
    }
    return typeof count === 'object' ? count.then(seen) : seen(count)
  }
  const store = (kobj: kobject, attr: A, buf: string, count: number) =>
    attr.store?.(objectOf(kobj), attr, buf, count) ?? -EIO
  // Reports say which function it was.
  Object.defineProperty(show, 'name', { value: `${name}_show` })
  Object.defineProperty(store, 'name', { value: `${name}_store` })
  return { show, store }
}
