// doze: /proc/doze lets one program in at a time. Whoever else opens it sleeps in open(2) until
// it has been closed; with O_NONBLOCK he gets EAGAIN at once. What was written last is what is read.

import { EAGAIN, EFAULT, ENOMEM } from '#linux/errno'
import { O_NONBLOCK } from '#linux/fcntl'
import { simple_read_from_buffer } from '#linux/fs'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  module_exit,
  module_init,
} from '#linux/module'
import { pr_debug } from '#linux/printk'
import { proc_create, proc_remove } from '#linux/proc_fs'
import type { proc_dir_entry, proc_ops } from '#linux/proc_fs'
import { current } from '#linux/sched'
import type { errno_t } from '#linux/types'
import { copy_from_user } from '#linux/uaccess'
import {
  wait_event_interruptible,
  wait_queue_head,
  wake_up_interruptible,
} from '#linux/wait'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('a file in /proc that only one program can have open')

/** No more of a message is kept, in bytes. */
const MESSAGE_MAX = 80

const message = new Uint8Array(MESSAGE_MAX)
let length = 0
let taken = false
const queue = new wait_queue_head()
let entry: proc_dir_entry | null = null

const doze_ops: proc_ops = {
  // Several may be woken at once, and the first one to run gets the file: so each looks again.
  async proc_open(_inode, filp) {
    while (taken) {
      if (filp.f_flags & O_NONBLOCK) return -EAGAIN
      pr_debug('%s (%d) waits for the file\n', current.comm, current.pid)
      const err = await wait_event_interruptible(queue, () => !taken)
      if (err) return err
    }
    taken = true
    return 0
  },

  proc_read: (_filp, buf, count, pos) =>
    simple_read_from_buffer(buf, count, pos, message, length),

  proc_write(_filp, buf, count) {
    const n = Math.min(count, MESSAGE_MAX)
    if (copy_from_user(message, buf, n)) return -EFAULT
    length = n
    return n
  },

  proc_release() {
    taken = false
    wake_up_interruptible(queue)
    return 0
  },
}

function doze_init(): errno_t {
  entry = proc_create('doze', 0o666, null, doze_ops)
  return entry ? 0 : -ENOMEM
}

async function doze_exit(): Promise<void> {
  await proc_remove(entry)
}

module_init(doze_init)
module_exit(doze_exit)
