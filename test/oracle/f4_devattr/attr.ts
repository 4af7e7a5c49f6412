// attr: attributes of all kinds.
import { msleep } from '#linux/delay'
import {
  CLASS_ATTR_RO,
  DEVICE_ATTR,
  DEVICE_ATTR_RO,
  DEVICE_ATTR_RW,
  DEVICE_ATTR_WO,
  class_create,
  class_create_file,
  class_destroy,
  dev_err,
  dev_info,
  dev_warn,
  device_create_bin_file,
  device_create_file,
  device_create_with_groups,
  device_unregister,
} from '#linux/device'
import type { class as class_t, device, device_attribute } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { EINVAL, EIO } from '#linux/errno'
import { MKDEV } from '#linux/kdev_t'
import { kstrtoint } from '#linux/kernel'
import {
  kernel_kobj,
  kobject_create_and_add,
  kobject_name,
  kobject_put,
} from '#linux/kobject'
import type { kobject } from '#linux/kobject'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'
import { memset } from '#linux/string'
import {
  BIN_ATTR,
  PAGE_SIZE,
  __ATTR,
  sysfs_create_file,
  sysfs_create_link,
  sysfs_emit,
  sysfs_notify,
} from '#linux/sysfs'
import type { attribute_group } from '#linux/sysfs'
import { ref } from '#linux/types'

MODULE_LICENSE('GPL')

let cls: class_t
let dev: device
let ko: kobject | null
let val = 5
let zeros = 0

const value_show: device_attribute['show'] = (d, _a, buf) => {
  dev_info(d, 'value_show\n')
  return sysfs_emit(buf, '%d\n', val)
}
const value_store: device_attribute['store'] = (d, _a, buf, n) => {
  const v = ref(0)
  const r = kstrtoint(buf, 0, v)
  dev_info(d, 'value_store count=%zu kstrtoint=%d\n', n, r)
  if (r) return r
  val = v.value
  sysfs_notify(d.kobj, null, 'value')
  return n
}
const dev_attr_value = DEVICE_ATTR_RW('value', value_show, value_store)

const dev_attr_ro = DEVICE_ATTR_RO('ro', () => 'read only, no newline')

const wo_store: device_attribute['store'] = (_d, _a, buf, n) => {
  pr_info('attr: wo_store count=%zu last=%d strlen=%zu\n', n, buf.charCodeAt(n - 1), n)
  return n
}
const dev_attr_wo = DEVICE_ATTR_WO('wo', wo_store)

const err_show: device_attribute['show'] = () => -EIO
const err_store: device_attribute['store'] = (_d, _a, buf) => Number.parseInt(buf, 10)
const dev_attr_err = DEVICE_ATTR_RW('err', err_show, err_store)

const big_show: device_attribute['show'] = (_d, _a, buf) => {
  memset(buf, 0x62, PAGE_SIZE)
  return PAGE_SIZE
}
const dev_attr_big = DEVICE_ATTR_RO('big', big_show)

const big1_show: device_attribute['show'] = () => `${'b'.repeat(PAGE_SIZE - 2)}\n`
const dev_attr_big1 = DEVICE_ATTR_RO('big1', big1_show)

const noshow: device_attribute = { attr: { name: 'noshow', mode: 0o644 } }

const one_store: device_attribute['store'] = (_d, _a, buf, n) => {
  pr_info('attr: one_store n=%zu first=%c\n', n, buf.charCodeAt(0))
  return 1
}
const dev_attr_one = DEVICE_ATTR('one', 0o200, null, one_store)

const zero_store: device_attribute['store'] = (_d, _a, _buf, n) => {
  pr_info('attr: zero_store n=%zu\n', n)
  return ++zeros > 3 ? -EINVAL : 0
}
const dev_attr_zero = DEVICE_ATTR('zero', 0o200, null, zero_store)

const slow_show: device_attribute['show'] = async (_d, _a, buf) => {
  await msleep(1000)
  return sysfs_emit(buf, 'slow\n')
}
const dev_attr_slow = DEVICE_ATTR_RO('slow', slow_show)

const grp: attribute_group = { attrs: [dev_attr_value, dev_attr_ro, dev_attr_wo] }
const grp2: attribute_group = {
  name: 'subgroup',
  attrs: [dev_attr_err, dev_attr_one, dev_attr_zero],
}

const bin_attr_blob = BIN_ATTR(
  'blob',
  0o644,
  (_f, _k, _b, buf, o, n) => {
    pr_info('attr: bin read off=%lld n=%zu\n', o, n)
    memset(buf, 0x42, n)
    return n
  },
  (_f, _k, _b, _buf, o, n) => {
    pr_info('attr: bin write off=%lld n=%zu\n', o, n)
    return n
  },
  10,
)

const ka = __ATTR<kobject>(
  'kattr',
  0o444,
  (k, a, buf) => sysfs_emit(buf, '%s of %s\n', a.attr.name, kobject_name(k)),
  null,
)
const class_attr_cls_ver = CLASS_ATTR_RO('cls_ver', (_c, _a, buf) =>
  sysfs_emit(buf, 'class attr\n'),
)

module_init(function a_init() {
  const made = class_create(THIS_MODULE, 'attrclass')
  if (IS_ERR<class_t>(made)) return made
  cls = made
  class_create_file(cls, class_attr_cls_ver)
  const groups = [grp, grp2]
  const name = 'attrdev%d'
  const created = device_create_with_groups(cls, null, MKDEV(0, 0), null, groups, name, 0)
  if (IS_ERR<device>(created)) return created
  dev = created
  device_create_file(dev, dev_attr_big)
  device_create_file(dev, dev_attr_big1)
  device_create_file(dev, noshow)
  device_create_file(dev, dev_attr_slow)
  device_create_bin_file(dev, bin_attr_blob)

  ko = kobject_create_and_add('oracle_kobj', kernel_kobj)
  if (!ko) return -EINVAL
  sysfs_create_file(ko, ka)
  sysfs_create_link(ko, dev.kobj, 'mydev')
  const r = device_create_file(dev, dev_attr_big)
  pr_info('attr: duplicate device_create_file=%d\n', r)
  dev_warn(dev, 'a dev_warn line\n')
  dev_err(dev, 'a dev_err line\n')
  return 0
})

module_exit(function a_exit() {
  kobject_put(ko)
  device_unregister(dev)
  class_destroy(cls)
})
