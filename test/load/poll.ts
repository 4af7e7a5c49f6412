// Very many wake-ups, one poller: none is lost, whichever way it waits.

import { join } from 'node:path'
import t from 'tap'
import { EPOLLIN } from '../../src/include/uapi/poll.ts'
import { O_NONBLOCK, O_RDWR } from '../../src/include/uapi/fcntl.ts'
import { packageRoot } from '../../src/package.ts'
import { boot, build } from '../harness/machine.ts'
import { bootMounted, start } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { until } from '../harness/until.ts'
import { size } from './load.ts'

const IN_PROCESS = size({ short: 20_000, full: 1_000_000 })
/** Each way of waiting, each wake-up with an answer through the mount. */
const PACED = size({ short: 500, full: 100_000 })
const FREE = size({ short: 2000, full: 150_000 })

/** A write is an event; a read tells how many there were, as that of an eventfd does. */
const COUNTER = `
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

t.test(`${IN_PROCESS} events in process`, async t => {
  const image = await build(t, 'counter', COUNTER)
  const { insmod, user, process } = await boot(t)
  t.equal(await insmod(image), 0)
  const writer = process({ pid: 2 })
  const fd = await user.open('/dev/counter', O_RDWR | O_NONBLOCK)
  const out = await writer.open('/dev/counter', O_RDWR)
  const fds = [{ fd, events: EPOLLIN }]
  let seen = 0
  for (let i = 0; i < IN_PROCESS; i++) {
    const polled = user.poll(fds, -1)
    const written = writer.write(out, 'x')
    await polled
    await written
    const n = await user.read(fd, 8)
    if (typeof n !== 'number') seen += Number(Buffer.from(n).readBigUInt64LE())
  }
  t.equal(seen, IN_PROCESS)
  await user.close(fd)
  await writer.close(out)
})

for (const how of ['poll', 'select', 'level', 'edge']) {
  t.test(`${PACED} paced and ${FREE} free events for ${how}`, async t => {
    if (!requireTool(t, 'gcc')) return
    const machine = bootMounted(t)
    const program = join(packageRoot(), 'test/programs/pollers.c')
    machine.out(`gcc -O1 -Wall -Werror -o pollers ${program}`)
    machine.out(`modbox insmod ${await machine.build('counter', COUNTER)}`)
    for (const [events, pace] of [
      [PACED, 'paced'],
      [FREE, 'free'],
    ] as const) {
      const command = `./pollers mnt/dev/counter ${how} ${events} ${pace}`
      const program = start(t, machine, command)
      let said = ''
      program.stdout.on('data', (text: Buffer) => (said += text.toString()))
      await until(() => program.exitCode !== null && said !== '')
      t.equal(said, `${how}: ${events} events\n`, pace)
    }
    machine.out('modbox rmmod counter')
  })
}
