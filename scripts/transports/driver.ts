// The driver that probes.py talks to.

/**
 * /dev/probe: read(2) answers with what the driver has seen, as JSON; write(2) of a number fails with that error.
 * /dev/probe_sleep: read(2) and write(2) wait for a signal, and it is never ready for either.
 */
export const PROBE = `
import { ERESTARTSYS } from '#linux/errno'
import { fixed_size_llseek, no_llseek } from '#linux/fs'
import type { file, file_operations } from '#linux/fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { poll_wait } from '#linux/poll'
import { current } from '#linux/sched'
import { cstring, text } from '#linux/string'
import { copy_from_user, copy_to_user, put_user } from '#linux/uaccess'
import { wait_event_interruptible, wait_queue_head } from '#linux/wait'

MODULE_LICENSE('GPL')
const SIZE = 1000
const queue = new wait_queue_head()
const seen = { opened: 0, flags: 0, count: 0, seeks: 0, flush: 0, fsync: 0, release: 0, interrupted: 0, pid: 0, uid: 0, comm: '' }

const fops: file_operations = {
  owner: THIS_MODULE,
  open(_inode, filp) {
    seen.opened = filp.f_flags
    return 0
  },
  read(filp, buf, count) {
    const { pid, cred, comm } = current
    Object.assign(seen, { pid, uid: cred.uid, comm, count, flags: filp.f_flags })
    const report = cstring(JSON.stringify(seen))
    const n = Math.min(count, report.length - 1)
    return n - copy_to_user(buf, report, n)
  },
  write(_filp, buf, count) {
    const what = new Uint8Array(count)
    copy_from_user(what, buf, count)
    return -Number(text(what))
  },
  llseek(filp, offset, whence) {
    seen.seeks++
    return fixed_size_llseek(filp, offset, whence, SIZE)
  },
  unlocked_ioctl: (_filp, cmd, arg) => (cmd & 0xff) === 1 ? 7 : put_user(42, arg, 'int'),
  flush() {
    seen.flush++
    return 0
  },
  fsync() {
    seen.fsync++
    return 0
  },
  release() {
    seen.release++
    return 0
  },
}

async function sleep(_filp: file): Promise<number> {
  await wait_event_interruptible(queue, () => false)
  seen.interrupted++
  return -ERESTARTSYS
}

const sleepy: file_operations = {
  owner: THIS_MODULE,
  llseek: no_llseek,
  read: sleep,
  async write(filp, buf, count) {
    const what = new Uint8Array(count)
    copy_from_user(what, buf, count)
    return text(what) === 'sleep' ? await sleep(filp) : count
  },
  poll(filp, table) {
    poll_wait(filp, queue, table)
    return 0
  },
}

const probe: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: 'probe', mode: 0o666, fops }
const probe_sleep: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: 'probe_sleep', mode: 0o666, fops: sleepy }
module_init(() => misc_register(probe) || misc_register(probe_sleep))
module_exit(() => {
  misc_deregister(probe)
  misc_deregister(probe_sleep)
})
`
