// bell: rung from sysfs, heard by each open file on its own.
import t from 'tap'
import { EAGAIN, EINVAL, ERESTARTSYS } from '../../src/include/linux/errno.ts'
import { O_NONBLOCK, O_RDONLY } from '../../src/include/uapi/fcntl.ts'
import { EPOLLIN, EPOLLRDNORM } from '../../src/include/uapi/poll.ts'
import { boot } from '../harness/machine.ts'

const RING = '/sys/class/misc/bell/ring'
const text = (bytes: Uint8Array | number) =>
  typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString()

t.test('a reader waits until it rings', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('bell')
  const fd = await user.open('/dev/bell')
  const waiting = user.read(fd, 10)
  t.equal(await process({ pid: 2 }).writeFile(RING, '1\n'), 2)
  t.equal(text(await waiting), '1\n')
  await user.close(fd)
})

t.test('each file has its own ears', async t => {
  const { user, insmod } = await boot(t)
  await insmod('bell')
  const one = await user.open('/dev/bell', O_RDONLY | O_NONBLOCK)
  await user.writeFile(RING, '2')
  const two = await user.open('/dev/bell', O_RDONLY | O_NONBLOCK)
  await user.writeFile(RING, '3')
  t.equal(text(await user.read(one, 10)), '5\n')
  t.equal(text(await user.read(two, 10)), '3\n')
  t.equal(await user.read(two, 10), -EAGAIN)
  t.equal(await user.readFile('/sys/class/misc/bell/rung'), '5\n')
  await user.close(one)
  await user.close(two)
})

t.test('poll tells whether this file has something to hear', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('bell')
  const fd = await user.open('/dev/bell')
  t.equal(await user.ready(fd), 0)
  const told = user.woken(fd)
  await process({ pid: 2 }).writeFile(RING, '1')
  await told
  t.equal(await user.ready(fd), EPOLLIN | EPOLLRDNORM)
  t.equal(await user.read(fd, 1), -EINVAL, 'too short for a line')
  await user.read(fd, 10)
  t.equal(await user.ready(fd), 0)
  const waiting = user.read(fd, 10)
  await process({ pid: 2 }).readFile('/proc/uptime')
  user.signal()
  t.equal(await waiting, -ERESTARTSYS)
  await user.close(fd)
})

t.test('nonsense does not ring', async t => {
  const { user, insmod } = await boot(t)
  await insmod('bell')
  for (const nonsense of ['0', '-1', 'ding', '']) {
    t.equal(await user.writeFile(RING, nonsense), nonsense === '' ? 0 : -EINVAL, nonsense)
  }
})
