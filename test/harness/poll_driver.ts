// A driver for tests of poll(2): a program tells it what it is to be ready for.

/** write("in", "out", …) sets what it is ready for and wakes; "-" before it: only wakes. */
export const MANY = `
import { EINVAL } from '#linux/errno'
import { iminor } from '#linux/fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLPRI, poll_does_not_wait, poll_requested_events, poll_wait } from '#linux/poll'
import { pr_info } from '#linux/printk'
import { text } from '#linux/string'
import { copy_from_user } from '#linux/uaccess'
import { wait_queue_head, wake_up_interruptible, wake_up_interruptible_poll } from '#linux/wait'
MODULE_LICENSE('GPL')
const readers = new wait_queue_head()
const writers = new wait_queue_head()
const bits: Record<string, number> = { in: EPOLLIN, out: EPOLLOUT, pri: EPOLLPRI, hup: EPOLLHUP, err: EPOLLERR, none: 0, bad: -EINVAL }
let mask = 0
const many: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'many',
  fops: {
    write(_filp, buf, count) {
      const bytes = new Uint8Array(count)
      copy_from_user(bytes, buf, count)
      const words = text(bytes).split(' ')
      const last = words.pop() ?? ''
      const keyed = last === 'keyed'
      if (!keyed) words.push(last)
      mask = words.reduce((sum, word) => sum | (bits[word] ?? 0), 0)
      if (keyed) wake_up_interruptible_poll(readers, mask)
      else wake_up_interruptible(mask & EPOLLOUT ? writers : readers)
      return count
    },
    poll(filp, table) {
      poll_wait(filp, readers, table)
      poll_wait(filp, writers, table)
      poll_wait(filp, readers, table)
      poll_wait(filp, null, table)
      pr_info('poll %d %#x\\n', poll_does_not_wait(table), poll_requested_events(table))
      return mask
    },
  },
}
const plain: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: 'plain', fops: {} }
const odd: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: 'odd', fops: { poll: () => NaN } }
module_init(() => misc_register(many) || misc_register(plain) || misc_register(odd))
module_exit(() => {
  for (const dev of [many, plain, odd]) misc_deregister(dev)
})
`
