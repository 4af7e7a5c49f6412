// A driver that lets its readers wait, as a named pipe does.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { EAGAIN, ESPIPE } from '../../src/include/uapi/errno.ts'
import { F_SETFL, O_NONBLOCK, O_RDWR } from '../../src/include/uapi/fcntl.ts'
import {
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDNORM,
  EPOLLWRNORM,
} from '../../src/include/uapi/poll.ts'
import { throughAllDoors } from '../harness/doors.ts'

const DRIVER = `
import { EAGAIN, EFAULT, ERESTARTSYS } from '#linux/errno'
import { O_NONBLOCK } from '#linux/fcntl'
import { stream_open } from '#linux/fs'
import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM, poll_wait } from '#linux/poll'
import { copy_from_user, copy_to_user } from '#linux/uaccess'
import { wait_event_interruptible, wait_queue_head, wake_up_interruptible } from '#linux/wait'
MODULE_LICENSE('GPL')

const bytes = new Uint8Array(4096)
let used = 0
const readers = new wait_queue_head()

const dev = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'fifo',
  fops: {
    owner: THIS_MODULE,
    open: stream_open,
    async read(filp, buf, count) {
      while (used === 0) {
        if (filp.f_flags & O_NONBLOCK) return -EAGAIN
        if (await wait_event_interruptible(readers, () => used > 0)) return -ERESTARTSYS
      }
      const n = Math.min(count, used)
      if (copy_to_user(buf, bytes, n)) return -EFAULT
      bytes.copyWithin(0, n, used)
      used -= n
      return n
    },
    write(_filp, buf, count) {
      if (copy_from_user(bytes.subarray(used), buf, count)) return -EFAULT
      used += count
      wake_up_interruptible(readers)
      return count
    },
    poll(filp, table) {
      poll_wait(filp, readers, table)
      return EPOLLOUT | EPOLLWRNORM | (used > 0 ? EPOLLIN | EPOLLRDNORM : 0)
    },
  },
}
module_init(() => misc_register(dev))
module_exit(() => misc_deregister(dev))
`

const IN = EPOLLIN | EPOLLRDNORM
const OUT = EPOLLOUT | EPOLLWRNORM

function makePipe(folder: string): string {
  const path = join(folder, 'pipe')
  spawnSync('mkfifo', [path])
  return path
}

throughAllDoors(
  { name: 'fifo', driver: DRIVER, needs: ['poll', 'two calls at once'], host: makePipe },
  async (t, path, program) => {
    const reader = program()
    const fd = await reader.open(path, O_RDWR | O_NONBLOCK)

    t.equal(await reader.read(fd, 4), -EAGAIN)
    t.equal(await reader.poll(fd, IN | OUT), OUT)
    t.equal(await reader.write(fd, 'hello'), 5)
    t.equal(await reader.poll(fd, IN | OUT), IN | OUT)
    t.equal(await reader.read(fd, 2), 'he')
    t.equal(await reader.read(fd, 10), 'llo', 'a short read')
    t.equal(await reader.read(fd, 10), -EAGAIN)
    t.equal(await reader.writev(fd, 'ab', 'cd'), 4)
    t.equal(await reader.readv(fd, 1, 2, 1), 'abcd')
    t.equal(await reader.lseek(fd, 0, 0), -ESPIPE)
    t.equal(await reader.pread(fd, 1, 0), -ESPIPE)
    t.equal(await reader.pwrite(fd, 'x', 0), -ESPIPE)

    t.equal(await reader.fcntl(fd, F_SETFL, 0), 0)
    const waiting = reader.read(fd, 10)
    const writer = program()
    const other = await writer.open(path, O_RDWR)
    t.equal(await writer.write(other, 'late'), 4)
    t.equal(await waiting, 'late', 'the reader has waited for it')

    t.equal(await reader.fcntl(fd, F_SETFL, O_NONBLOCK), 0)
    t.equal(await reader.read(fd, 4), -EAGAIN, 'at once')
    const copy = await reader.dup(fd)
    t.equal(await reader.close(fd), 0)
    t.equal(await writer.write(other, 'x'), 1)
    t.equal(await reader.read(copy, 4), 'x', 'the copy is open')
    t.equal(await reader.close(copy), 0)
    t.equal(await writer.close(other), 0)
  },
)
