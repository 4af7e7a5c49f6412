// A driver that counts events, for tests that look whether who polls learns of all.

/** A write is an event; a read tells how many there were, as that of an eventfd does. */
export const COUNTER = `
import { EAGAIN, EFAULT } from '#linux/errno'
import { stream_open } from '#linux/fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { EPOLLIN, EPOLLRDNORM, poll_wait } from '#linux/poll'
import { copy_to_user } from '#linux/uaccess'
import { wait_queue_head, wake_up_interruptible } from '#linux/wait'

MODULE_LICENSE('GPL')
const queue = new wait_queue_head()
let events = 0

const dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'counter',
  fops: {
    owner: THIS_MODULE,
    open: stream_open,
    read(_filp, buf) {
      if (events === 0) return -EAGAIN
      const n = new BigUint64Array([BigInt(events)])
      events = 0
      return copy_to_user(buf, n, 8) ? -EFAULT : 8
    },
    write(_filp, _buf, count) {
      events++
      wake_up_interruptible(queue)
      return count
    },
    poll(filp, table) {
      poll_wait(filp, queue, table)
      return events > 0 ? EPOLLIN | EPOLLRDNORM : 0
    },
  },
}
module_init(() => misc_register(dev))
module_exit(() => misc_deregister(dev))
`
