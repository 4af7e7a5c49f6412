// A driver at which processes are killed, for tests that look what stays behind.

/** Sixteen bytes between writers and readers, with all the ways to wait. `opens` counts the open files. */
export const MORTAL = `
import { EFAULT, ENOTTY, ERESTARTSYS } from '#linux/errno'
import { no_llseek, nonseekable_open } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { msleep } from '#linux/delay'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
import { mutex, mutex_lock_interruptible, mutex_unlock } from '#linux/mutex'
import { EPOLLIN, EPOLLOUT, poll_wait } from '#linux/poll'
import { copy_from_user, copy_to_user } from '#linux/uaccess'
import { wait_event_interruptible, wait_queue_head, wake_up_interruptible } from '#linux/wait'

MODULE_LICENSE('GPL')
const ROOM = 16
const opens = module_param('opens', 'int', 0, 0o444)
const lock = new mutex()
const readers = new wait_queue_head()
const writers = new wait_queue_head()
const bytes = new Uint8Array(ROOM)
let used = 0

/** Take the lock when \`ready()\`; what the wait ended with. */
async function lock_when(queue: wait_queue_head, ready: () => boolean): Promise<number> {
  for (;;) {
    if (await mutex_lock_interruptible(lock)) return -ERESTARTSYS
    if (ready()) return 0
    mutex_unlock(lock)
    if (await wait_event_interruptible(queue, ready)) return -ERESTARTSYS
  }
}

const fops: file_operations = {
  owner: THIS_MODULE,
  llseek: no_llseek,
  open(inode, filp) {
    opens.value++
    return nonseekable_open(inode, filp)
  },
  release() {
    opens.value--
    return 0
  },
  async read(_filp, buf, count) {
    const err = await lock_when(readers, () => used > 0)
    if (err) return err
    await msleep(1) // the lock is held while somebody may be killed
    const n = Math.min(count, used)
    const left = copy_to_user(buf, bytes, n)
    bytes.copyWithin(0, n, used)
    used -= n
    mutex_unlock(lock)
    wake_up_interruptible(writers)
    return left ? -EFAULT : n
  },
  async write(_filp, buf, count) {
    const err = await lock_when(writers, () => used < ROOM)
    if (err) return err
    const n = Math.min(count, ROOM - used)
    const left = copy_from_user(bytes.subarray(used), buf, n)
    used += n
    mutex_unlock(lock)
    wake_up_interruptible(readers)
    return left ? -EFAULT : n
  },
  poll(filp, table) {
    poll_wait(filp, readers, table)
    poll_wait(filp, writers, table)
    return (used > 0 ? EPOLLIN : 0) | (used < ROOM ? EPOLLOUT : 0)
  },
  async unlocked_ioctl() {
    await msleep(2)
    return -ENOTTY
  },
}
const dev: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: 'mortal', fops }
module_init(() => misc_register(dev))
module_exit(() => misc_deregister(dev))
`
