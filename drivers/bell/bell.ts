// bell: whoever waits at /dev/bell is told when somebody rings, with
//
//     echo 3 > /sys/class/misc/bell/ring
//
// read(2) gives how often it has rung since this file was last read, and waits until it has;
// poll(2), select(2) and epoll(7) say whether it has. After Linux Device Drivers, chapter 6.

import { DEVICE_ATTR_RO, DEVICE_ATTR_WO } from '#linux/device'
import type { device_attribute } from '#linux/device'
import { EAGAIN, EFAULT, EINVAL } from '#linux/errno'
import { O_NONBLOCK } from '#linux/fcntl'
import { stream_open } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { kstrtoint } from '#linux/kernel'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { EPOLLIN, EPOLLRDNORM, poll_wait } from '#linux/poll'
import { cstring } from '#linux/string'
import { ref } from '#linux/types'
import { copy_to_user } from '#linux/uaccess'
import {
  wait_event_interruptible,
  wait_queue_head,
  wake_up_interruptible,
} from '#linux/wait'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('a bell to wait for, rung from sysfs')

/** What each open file knows: how often it had rung when this one was last read. */
interface listener {
  heard: number
}

let rung = 0
const queue = new wait_queue_head()

const bell_fops: file_operations<listener> = {
  owner: THIS_MODULE,

  open(inode, filp) {
    filp.private_data = { heard: rung }
    return stream_open(inode, filp)
  },

  async read(filp, buf, count) {
    const me = filp.private_data
    if (me.heard === rung) {
      if (filp.f_flags & O_NONBLOCK) return -EAGAIN
      const err = await wait_event_interruptible(queue, () => me.heard !== rung)
      if (err) return err
    }
    const line = cstring(`${rung - me.heard}\n`)
    const length = line.length - 1
    if (count < length) return -EINVAL // half a number would be another one
    if (copy_to_user(buf, line, length)) return -EFAULT
    me.heard = rung
    return length
  },

  poll(filp, wait) {
    poll_wait(filp, queue, wait)
    return filp.private_data.heard === rung ? 0 : EPOLLIN | EPOLLRDNORM
  },
}

const ring_store: device_attribute['store'] = (_dev, _attr, buf, count) => {
  const times = ref(0)
  const err = kstrtoint(buf, 0, times)
  if (err) return err
  if (times.value < 1) return -EINVAL
  rung += times.value
  wake_up_interruptible(queue)
  return count
}

const bell_dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'bell',
  fops: bell_fops,
  mode: 0o444,
  groups: [
    {
      attrs: [
        DEVICE_ATTR_WO('ring', ring_store),
        DEVICE_ATTR_RO('rung', () => `${rung}\n`),
      ],
    },
  ],
}

module_init(() => misc_register(bell_dev))
module_exit(() => {
  misc_deregister(bell_dev)
})
