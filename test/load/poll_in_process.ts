// Very many wake-ups of one poll(2) in process: none is lost.

import t from 'tap'
import { EPOLLIN } from '../../src/include/uapi/poll.ts'
import { O_NONBLOCK, O_RDWR } from '../../src/include/uapi/fcntl.ts'
import { COUNTER } from '../harness/counter_driver.ts'
import { boot, build } from '../harness/machine.ts'
import { size } from './load.ts'

const IN_PROCESS = size({ short: 20_000, full: 1_000_000 })

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
