// /dev/bench-wait: a read(2) waits for a write(2) of one byte, and takes it. For measuring how long it takes to
// wake a program.

import { EFAULT } from '#linux/errno'
import { stream_open } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { THIS_MODULE } from '#linux/module'
import { EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM, poll_wait } from '#linux/poll'
import { put_user } from '#linux/uaccess'
import {
  wait_event_interruptible,
  wait_queue_head,
  wake_up_interruptible,
} from '#linux/wait'

const BYTE = 0x77

const queue = new wait_queue_head()
let waiting_bytes = 0

const bench_wait_fops: file_operations = {
  owner: THIS_MODULE,
  open: stream_open,

  async read(_filp, buf, count) {
    if (count === 0) return 0
    const err = await wait_event_interruptible(queue, () => waiting_bytes > 0)
    if (err) return err
    if (put_user(BYTE, buf, 'u8')) return -EFAULT
    waiting_bytes--
    return 1
  },

  write(_filp, _buf, count) {
    waiting_bytes += count
    wake_up_interruptible(queue)
    return count
  },

  poll(filp, wait) {
    poll_wait(filp, queue, wait)
    const readable = waiting_bytes > 0 ? EPOLLIN | EPOLLRDNORM : 0
    return readable | EPOLLOUT | EPOLLWRNORM
  },
}

export const bench_wait_dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'bench-wait',
  fops: bench_wait_fops,
  mode: 0o666,
}
