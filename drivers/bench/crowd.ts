// crowd: as many devices as it is told to have, for as many readers as like to wait, to measure what
// numbers cost.
//
// /dev/crowd0, crowd1 …: each holds tokens. write(2) adds one for each byte; read(2) takes one, and
// waits if there is none. Of those who wait the first is woken. `nodes` is how many devices there are,
// also while it is loaded; `waiting` is how many readers wait.

import { cdev, cdev_add, cdev_del, cdev_init } from '#linux/cdev'
import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { EFAULT, EINVAL } from '#linux/errno'
import {
  alloc_chrdev_region,
  iminor,
  stream_open,
  unregister_chrdev_region,
} from '#linux/fs'
import type { file_operations } from '#linux/fs'
import {
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import {
  module_param,
  module_param_cb,
  param_get_int,
  param_set_int,
} from '#linux/moduleparam'
import type { kernel_param } from '#linux/moduleparam'
import { ref } from '#linux/types'
import type { errno_t } from '#linux/types'
import { copy_to_user } from '#linux/uaccess'
import type { user_ptr } from '#linux/uaccess'
import {
  wait_event_interruptible_exclusive,
  wait_queue_head,
  wake_up_interruptible_nr,
} from '#linux/wait'

MODULE_LICENSE('GPL')
MODULE_DESCRIPTION('devices and readers in any number, for measuring')

const NODES_MAX = 1 << 16
const TOKEN = Uint8Array.of(0x78)

const nodes = ref(2)
const waiting = module_param('waiting', 'int', 0, 0o444)

class crowd_dev {
  readonly cdev = new cdev()
  readonly queue = new wait_queue_head()
  tokens = 0
}

const devices: crowd_dev[] = []
const devno = ref(0)
let cls: class_t | undefined

const crowd_fops: file_operations<crowd_dev> = {
  owner: THIS_MODULE,

  open(inode, filp) {
    filp.private_data = devices[iminor(inode)] as crowd_dev
    return stream_open(inode, filp)
  },

  read(filp, buf) {
    const dev = filp.private_data
    return dev.tokens > 0 ? take(dev, buf) : wait_and_take(dev, buf)
  },

  write(filp, _buf, count) {
    const dev = filp.private_data
    dev.tokens += count
    wake_up_interruptible_nr(dev.queue, count)
    return count
  },
}

function take(dev: crowd_dev, buf: user_ptr): number {
  dev.tokens--
  return copy_to_user(buf, TOKEN, 1) ? -EFAULT : 1
}

async function wait_and_take(dev: crowd_dev, buf: user_ptr): Promise<number> {
  waiting.value++
  const err = await wait_event_interruptible_exclusive(dev.queue, () => dev.tokens > 0)
  waiting.value--
  return err || take(dev, buf)
}

/** One more device, the last. */
function add(cls: class_t): errno_t {
  const dev = new crowd_dev()
  const number = devno.value + devices.length
  cdev_init(dev.cdev, crowd_fops)
  const err = cdev_add(dev.cdev, number, 1)
  if (err) return err
  const made = device_create(cls, null, number, null, 'crowd%d', devices.length)
  if (IS_ERR(made)) {
    cdev_del(dev.cdev)
    return made
  }
  devices.push(dev)
  return 0
}

function remove_last(cls: class_t, last: crowd_dev): void {
  devices.pop()
  device_destroy(cls, devno.value + devices.length)
  cdev_del(last.cdev)
}

/** Until there are as many as there should be. */
function resize(cls: class_t, count: number): errno_t {
  let err = 0
  while (!err && devices.length < count) err = add(cls)
  for (let last; devices.length > count && (last = devices.at(-1));)
    remove_last(cls, last)
  return err
}

function set_nodes(val: string | null, kp: kernel_param<ref<number>>): errno_t {
  const before = nodes.value
  const err = param_set_int(val, kp)
  if (err || !cls) return err
  if (nodes.value >= 0 && nodes.value <= NODES_MAX) return resize(cls, nodes.value)
  nodes.value = before
  return -EINVAL
}

module_param_cb('nodes', { set: set_nodes, get: param_get_int }, nodes, 0o644)

function crowd_init(): errno_t {
  const err = alloc_chrdev_region(devno, 0, NODES_MAX, 'crowd')
  if (err) return err
  const made = class_create('crowd')
  if (IS_ERR<class_t>(made)) {
    unregister_chrdev_region(devno.value, NODES_MAX)
    return made
  }
  cls = made
  const failed = resize(cls, nodes.value)
  if (failed) crowd_exit()
  return failed
}

function crowd_exit(): void {
  if (cls) {
    resize(cls, 0)
    class_destroy(cls)
  }
  unregister_chrdev_region(devno.value, NODES_MAX)
}

module_init(crowd_init)
module_exit(crowd_exit)
