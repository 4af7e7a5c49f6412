// scull: Simple Character Utility for Loading Localities.
//
// /dev/scull0, /dev/scull1, ...: each a stretch of memory to read, write and
// seek in. After Linux Device Drivers (3rd edition), chapter 3.

import { EINVAL, ENXIO } from '#linux/errno'
import { iminor } from '#linux/fs'
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
import type { errno_t } from '#linux/types'
import { scull_dev, scull_memory_fops, scull_use } from './memory.ts'
import { scull_nodes } from './nodes.ts'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('memory you can read, write and seek in')

const nr_devs = module_param('nr_devs', 'int', 4, 0o444)
MODULE_PARM_DESC('nr_devs', 'how many devices')
const capacity = module_param('capacity', 'int', 4096, 0o444)
MODULE_PARM_DESC('capacity', 'bytes each device can hold')

let scull_devices: scull_dev[] = []
const scull = new scull_nodes('scull')

const scull_fops: file_operations<scull_dev> = {
  ...scull_memory_fops,
  owner: THIS_MODULE,

  open(inode, filp) {
    const dev = scull_devices[iminor(inode)]
    return dev ? scull_use(filp, dev) : -ENXIO
  },
}

function scull_init(): errno_t {
  if (nr_devs.value < 1 || capacity.value < 1) return -EINVAL
  scull_devices = Array.from(
    { length: nr_devs.value },
    () => new scull_dev(capacity.value),
  )
  const err = scull.register(
    'scull',
    scull_devices.map(({ cdev }, i) => ({ name: `scull${i}`, cdev, fops: scull_fops })),
  )
  if (!err) pr_info('scull: %d devices of %d bytes\n', nr_devs.value, capacity.value)
  return err
}

function scull_exit(): void {
  scull.unregister()
}

module_init(scull_init)
module_exit(scull_exit)
