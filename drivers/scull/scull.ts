// scull: Simple Character Utility for Loading Localities.
//
// /dev/scull0, /dev/scull1, ...: each a stretch of memory to read, write and
// seek in. After Linux Device Drivers (3rd edition), chapter 3.

import { cdev_add, cdev_del, cdev_init } from '#linux/cdev'
import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { EINVAL, ENXIO } from '#linux/errno'
import { alloc_chrdev_region, iminor, unregister_chrdev_region } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { MODULE_PARM_DESC, module_param } from '#linux/moduleparam'
import { pr_info } from '#linux/printk'
import { ref } from '#linux/types'
import type { errno_t } from '#linux/types'
import { scull_dev, scull_memory_fops, scull_use } from './memory.ts'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('memory you can read, write and seek in')

const nr_devs = module_param('nr_devs', 'int', 4, 0o444)
MODULE_PARM_DESC('nr_devs', 'how many devices')
const capacity = module_param('capacity', 'int', 4096, 0o444)
MODULE_PARM_DESC('capacity', 'bytes each device can hold')

let scull_devices: scull_dev[] = []
let scull_class: class_t | undefined
const scull_devno = ref(0)

const scull_fops: file_operations<scull_dev> = {
  ...scull_memory_fops,
  owner: THIS_MODULE,

  open(inode, filp) {
    const dev = scull_devices[iminor(inode)]
    return dev ? scull_use(filp, dev) : -ENXIO
  },
}

function scull_setup(minor: number, dev: scull_dev, cls: class_t): errno_t {
  const devno = scull_devno.value + minor
  cdev_init(dev.cdev, scull_fops)
  dev.cdev.owner = THIS_MODULE
  const err = cdev_add(dev.cdev, devno, 1)
  if (err) return err

  const device = device_create(cls, undefined, devno, null, 'scull%d', minor)
  return IS_ERR(device) ? device : 0
}

function scull_init(): errno_t {
  if (nr_devs.value < 1 || capacity.value < 1) return -EINVAL
  let err = alloc_chrdev_region(scull_devno, 0, nr_devs.value, 'scull')
  if (err) return err

  const cls = class_create('scull')
  if (IS_ERR<class_t>(cls)) {
    scull_exit()
    return cls
  }
  scull_class = cls
  scull_devices = Array.from(
    { length: nr_devs.value },
    () => new scull_dev(capacity.value),
  )
  for (const [minor, dev] of scull_devices.entries()) {
    err = scull_setup(minor, dev, cls)
    if (err) {
      scull_exit()
      return err
    }
  }

  pr_info('scull: %d devices of %d bytes\n', nr_devs.value, capacity.value)
  return 0
}

function scull_exit(): void {
  for (const [minor, dev] of scull_devices.entries()) {
    if (scull_class) device_destroy(scull_class, scull_devno.value + minor)
    cdev_del(dev.cdev)
  }
  if (scull_class) class_destroy(scull_class)
  unregister_chrdev_region(scull_devno.value, nr_devs.value)
}

module_init(scull_init)
module_exit(scull_exit)
