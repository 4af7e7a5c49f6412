// scull: Simple Character Utility for Loading Localities.
//
// /dev/scull0, /dev/scull1, ...: each a stretch of memory to read, write and
// seek in. After Linux Device Drivers (3rd edition), chapter 3.

import { cdev, cdev_add, cdev_del, cdev_init } from '#linux/cdev'
import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { EFAULT, EINVAL, ENOSPC, ENOTTY, ENXIO, ERESTARTSYS } from '#linux/errno'
import { O_ACCMODE, O_WRONLY } from '#linux/fcntl'
import {
  alloc_chrdev_region,
  iminor,
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
  unregister_chrdev_region,
} from '#linux/fs'
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
import { mutex, mutex_lock_interruptible, mutex_unlock } from '#linux/mutex'
import { pr_info } from '#linux/printk'
import { ref } from '#linux/types'
import type { errno_t } from '#linux/types'
import { copy_from_user, copy_to_user, get_user, put_user } from '#linux/uaccess'
import {
  SCULL_IOCGCAPACITY,
  SCULL_IOCGSIZE,
  SCULL_IOCRESET,
  SCULL_IOCSCAPACITY,
} from './scull_ioctl.ts'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('memory you can read, write and seek in')

const nr_devs = module_param('nr_devs', 'int', 4, 0o444)
MODULE_PARM_DESC('nr_devs', 'how many devices')
const capacity = module_param('capacity', 'int', 4096, 0o444)
MODULE_PARM_DESC('capacity', 'bytes each device can hold')

class scull_dev {
  data = new Uint8Array(capacity.value)
  size = 0 // bytes written so far; reads stop here
  readonly lock = new mutex()
  readonly cdev = new cdev()
}

let scull_devices: scull_dev[] = []
let scull_class: class_t | undefined
const scull_devno = ref(0)

const scull_fops: file_operations<scull_dev> = {
  owner: THIS_MODULE,

  open(inode, filp) {
    const dev = scull_devices[iminor(inode)]
    if (!dev) return -ENXIO

    filp.private_data = dev
    if ((filp.f_flags & O_ACCMODE) === O_WRONLY) dev.size = 0
    return 0
  },

  async read(filp, buf, count, pos) {
    const dev = filp.private_data
    if (await mutex_lock_interruptible(dev.lock)) return -ERESTARTSYS
    try {
      const n = Math.min(count, dev.size - pos.value)
      if (n <= 0) return 0
      if (copy_to_user(buf, dev.data.subarray(pos.value), n)) return -EFAULT

      pos.value += n
      return n
    } finally {
      mutex_unlock(dev.lock)
    }
  },

  async write(filp, buf, count, pos) {
    const dev = filp.private_data
    if (await mutex_lock_interruptible(dev.lock)) return -ERESTARTSYS
    try {
      const n = Math.min(count, dev.data.length - pos.value)
      if (n <= 0) return -ENOSPC
      if (copy_from_user(dev.data.subarray(pos.value), buf, n)) return -EFAULT

      pos.value += n
      dev.size = Math.max(dev.size, pos.value)
      return n
    } finally {
      mutex_unlock(dev.lock)
    }
  },

  llseek(filp, offset, whence) {
    const bases: Record<number, number> = {
      [SEEK_SET]: 0,
      [SEEK_CUR]: filp.f_pos,
      [SEEK_END]: filp.private_data.size,
    }
    const base = bases[whence]
    if (base === undefined || base + offset < 0) return -EINVAL

    filp.f_pos = base + offset
    return filp.f_pos
  },

  unlocked_ioctl(filp, cmd, arg) {
    const dev = filp.private_data

    switch (cmd) {
      case SCULL_IOCRESET:
        dev.size = 0
        return 0
      case SCULL_IOCGCAPACITY:
        return put_user(dev.data.length, arg, 'int')
      case SCULL_IOCGSIZE:
        return put_user(dev.size, arg, 'int')
      case SCULL_IOCSCAPACITY: {
        const bytes = ref(0)
        if (get_user(bytes, arg, 'int')) return -EFAULT
        if (bytes.value < 1) return -EINVAL

        dev.data = new Uint8Array(bytes.value)
        dev.size = 0
        return 0
      }
      default:
        return -ENOTTY
    }
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
  scull_devices = Array.from({ length: nr_devs.value }, () => new scull_dev())
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
