// The memory behind a scull device, and what can be done with it once it is open.

import { cdev } from '#linux/cdev'
import { EFAULT, EINVAL, ENOSPC, ENOTTY, ERESTARTSYS } from '#linux/errno'
import { O_ACCMODE, O_WRONLY } from '#linux/fcntl'
import { SEEK_CUR, SEEK_END, SEEK_SET } from '#linux/fs'
import type { file, file_operations } from '#linux/fs'
import { mutex, mutex_lock_interruptible, mutex_unlock } from '#linux/mutex'
import { ref } from '#linux/types'
import { copy_from_user, copy_to_user, get_user, put_user } from '#linux/uaccess'
import {
  SCULL_IOCGCAPACITY,
  SCULL_IOCGSIZE,
  SCULL_IOCRESET,
  SCULL_IOCSCAPACITY,
} from './scull_ioctl.ts'

export class scull_dev {
  data: Uint8Array
  size = 0 // bytes written so far; reads stop here
  readonly lock = new mutex()
  readonly cdev = new cdev()

  constructor(capacity: number) {
    this.data = new Uint8Array(capacity)
  }
}

/** Open `dev` through `filp`. Who only writes starts anew. */
export function scull_use(filp: file<scull_dev>, dev: scull_dev): 0 {
  filp.private_data = dev
  if ((filp.f_flags & O_ACCMODE) === O_WRONLY) dev.size = 0
  return 0
}

/** All but open(). */
export const scull_memory_fops: file_operations<scull_dev> = {
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
