// scullpipe: /dev/scullpipe0, /dev/scullpipe1, ...: what is written is read, once. Readers wait while there is
// nothing, writers while there is no room; poll(2) and SIGIO tell when that changes. After Linux
// Device Drivers (3rd edition), chapter 6.

import { cdev } from '#linux/cdev'
import { EAGAIN, EFAULT, EINVAL, ENXIO, ERESTARTSYS } from '#linux/errno'
import { O_NONBLOCK } from '#linux/fcntl'
import {
  fasync_helper,
  iminor,
  kill_fasync,
  no_llseek,
  nonseekable_open,
} from '#linux/fs'
import type { fasync_struct, file, file_operations } from '#linux/fs'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { MODULE_PARM_DESC, module_param } from '#linux/moduleparam'
import { mutex, mutex_lock, mutex_lock_interruptible, mutex_unlock } from '#linux/mutex'
import { EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM, poll_wait } from '#linux/poll'
import { POLL_IN, SIGIO } from '#linux/signal'
import { ref } from '#linux/types'
import type { errno_t } from '#linux/types'
import { copy_from_user, copy_to_user } from '#linux/uaccess'
import {
  wait_event_interruptible,
  wait_queue_head,
  wake_up_interruptible,
} from '#linux/wait'
import { scull_nodes } from './nodes.ts'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('pipes: readers wait for writers, and the other way round')

const nr_devs = module_param('nr_devs', 'int', 4, 0o444)
MODULE_PARM_DESC('nr_devs', 'how many devices')
const buffer = module_param('buffer', 'int', 4000, 0o444)
MODULE_PARM_DESC('buffer', 'bytes between reader and writer; one less fits in')

class scull_pipe {
  /** A ring: readers take from `rp`, writers put at `wp`. One byte stays free, or full would look as empty. */
  readonly ring = new Uint8Array(buffer.value)
  rp = 0
  wp = 0
  readonly lock = new mutex()
  readonly inq = new wait_queue_head()
  readonly outq = new wait_queue_head()
  readonly async_queue = ref<fasync_struct | null>(null)
  readonly cdev = new cdev()

  get used(): number {
    return (this.wp - this.rp + this.ring.length) % this.ring.length
  }

  get space(): number {
    return this.ring.length - 1 - this.used
  }
}

let scull_p_devices: scull_pipe[] = []
const scullpipe = new scull_nodes('scullp')

/**
 * Take the lock when `ready()`: 0, -EAGAIN or -ERESTARTSYS. Somebody else may have been faster
 * between the wake-up and the lock, so it is looked at again under the lock.
 */
async function lock_when(
  filp: file<scull_pipe>,
  queue: wait_queue_head,
  ready: () => boolean,
): Promise<errno_t> {
  const { lock } = filp.private_data
  if (await mutex_lock_interruptible(lock)) return -ERESTARTSYS
  while (!ready()) {
    mutex_unlock(lock)
    if (filp.f_flags & O_NONBLOCK) return -EAGAIN
    if (await wait_event_interruptible(queue, ready)) return -ERESTARTSYS
    if (await mutex_lock_interruptible(lock)) return -ERESTARTSYS
  }
  return 0
}

const scull_pipe_fops: file_operations<scull_pipe> = {
  owner: THIS_MODULE,
  llseek: no_llseek,

  open(inode, filp) {
    const dev = scull_p_devices[iminor(inode)]
    if (!dev) return -ENXIO

    filp.private_data = dev
    return nonseekable_open(inode, filp)
  },

  async read(filp, buf, count) {
    const dev = filp.private_data
    const err = await lock_when(filp, dev.inq, () => dev.used > 0)
    if (err) return err

    // As far as the end of the ring; the next read goes on at its beginning.
    const n = Math.min(count, dev.used, dev.ring.length - dev.rp)
    const left = copy_to_user(buf, dev.ring.subarray(dev.rp), n)
    if (!left) dev.rp = (dev.rp + n) % dev.ring.length
    mutex_unlock(dev.lock)
    if (left) return -EFAULT

    wake_up_interruptible(dev.outq)
    return n
  },

  async write(filp, buf, count) {
    const dev = filp.private_data
    const err = await lock_when(filp, dev.outq, () => dev.space > 0)
    if (err) return err

    const n = Math.min(count, dev.space, dev.ring.length - dev.wp)
    const left = copy_from_user(dev.ring.subarray(dev.wp), buf, n)
    if (!left) dev.wp = (dev.wp + n) % dev.ring.length
    mutex_unlock(dev.lock)
    if (left) return -EFAULT

    wake_up_interruptible(dev.inq)
    kill_fasync(dev.async_queue, SIGIO, POLL_IN)
    return n
  },

  async poll(filp, wait) {
    const dev = filp.private_data
    await mutex_lock(dev.lock)
    poll_wait(filp, dev.inq, wait)
    poll_wait(filp, dev.outq, wait)
    const readable = dev.used > 0 ? EPOLLIN | EPOLLRDNORM : 0
    const writable = dev.space > 0 ? EPOLLOUT | EPOLLWRNORM : 0
    mutex_unlock(dev.lock)
    return readable | writable
  },

  fasync(fd, filp, on) {
    return fasync_helper(fd, filp, on, filp.private_data.async_queue)
  },

  release(_inode, filp) {
    fasync_helper(-1, filp, 0, filp.private_data.async_queue)
    return 0
  },
}

function scull_p_init(): errno_t {
  if (nr_devs.value < 1 || buffer.value < 2) return -EINVAL
  scull_p_devices = Array.from({ length: nr_devs.value }, () => new scull_pipe())
  return scullpipe.register(
    'scullpipe',
    scull_p_devices.map(({ cdev }, i) => ({
      name: `scullpipe${i}`,
      cdev,
      fops: scull_pipe_fops,
    })),
  )
}

function scull_p_exit(): void {
  scullpipe.unregister()
}

module_init(scull_p_init)
module_exit(scull_p_exit)
