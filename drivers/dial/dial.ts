// dial: a device that is turned by writing to its files in /sys/class/dial/dial0.
//
//     echo 7 > position; cat position
//     echo 5 > limits/max          # the position follows
//     cat /sys/kernel/dial/turns   # how often it was turned
//
// Who polls `position` for POLLPRI is told when it changes.

import {
  DEVICE_ATTR_RO,
  DEVICE_ATTR_RW,
  class_create,
  class_destroy,
  dev_info,
  device_create_with_groups,
  device_unregister,
} from '#linux/device'
import type { class as class_t, device, device_attribute } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { EINVAL, ENOMEM } from '#linux/errno'
import { MKDEV } from '#linux/kdev_t'
import { kstrtoint } from '#linux/kernel'
import { kernel_kobj, kobject_create_and_add, kobject_put } from '#linux/kobject'
import type { kobject } from '#linux/kobject'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  module_exit,
  module_init,
} from '#linux/module'
import { __ATTR_RO, sysfs_create_file, sysfs_emit, sysfs_notify } from '#linux/sysfs'
import type { attribute_group } from '#linux/sysfs'
import { ref } from '#linux/types'
import type { errno_t } from '#linux/types'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('A dial with attributes in sysfs')

let cls: class_t
let dial: device
let totals: kobject | null = null
let turns = 0
const position = ref(0)
const max = ref(10)

function turn(dev: device, to: number): void {
  if (position.value === to) return
  position.value = to
  turns++
  sysfs_notify(dev.kobj, null, 'position')
}

// A show() fills a page of bytes and says how many, as in C ...
const position_show: device_attribute['show'] = (_dev, _attr, buf) =>
  sysfs_emit(buf, '%d\n', position.value)

const position_store: device_attribute['store'] = (dev, _attr, buf, count) => {
  const value = ref(0)
  const err = kstrtoint(buf, 0, value)
  if (err) return err
  if (value.value < 0 || value.value > max.value) return -EINVAL
  turn(dev, value.value)
  return count
}

// ... or answers with the text.
const max_show: device_attribute['show'] = () => `${max.value}\n`

const max_store: device_attribute['store'] = (dev, _attr, buf, count) => {
  const err = kstrtoint(buf, 0, max)
  if (err) return err
  dev_info(dev, 'the limit is %d\n', max.value)
  turn(dev, Math.min(position.value, max.value))
  return count
}

const dev_attr_position = DEVICE_ATTR_RW('position', position_show, position_store)
const dev_attr_max = DEVICE_ATTR_RW('max', max_show, max_store)
const dev_attr_min = DEVICE_ATTR_RO('min', () => '0\n')
const turns_attr = __ATTR_RO<kobject>('turns', () => `${turns}\n`)

const groups: readonly attribute_group[] = [
  { attrs: [dev_attr_position] },
  { name: 'limits', attrs: [dev_attr_min, dev_attr_max] },
]

function dial_init(): errno_t {
  const made = class_create('dial')
  if (IS_ERR<class_t>(made)) return made
  cls = made
  const dev = device_create_with_groups(cls, null, MKDEV(0, 0), null, groups, 'dial%d', 0)
  if (IS_ERR<device>(dev)) {
    class_destroy(cls)
    return dev
  }
  dial = dev
  totals = kobject_create_and_add('dial', kernel_kobj)
  const err = totals ? sysfs_create_file(totals, turns_attr) : -ENOMEM
  if (err) dial_exit()
  return err
}

function dial_exit(): void {
  kobject_put(totals)
  device_unregister(dial)
  class_destroy(cls)
}

module_init(dial_init)
module_exit(dial_exit)
