// scullpipe: readers wait for writers, and the other way round; signals tell.
import t from 'tap'
import { EAGAIN, ERESTARTSYS, ESPIPE } from '../../src/include/linux/errno.ts'
import {
  F_GETFL,
  F_SETFL,
  F_SETOWN,
  FASYNC,
  O_NONBLOCK,
  O_RDWR,
} from '../../src/include/uapi/fcntl.ts'
import {
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDNORM,
  EPOLLWRNORM,
} from '../../src/include/uapi/poll.ts'
import { SIGIO } from '../../src/include/uapi/signal.ts'
import { boot } from '../harness/machine.ts'

const PIPE = '/dev/scullpipe0'
const READABLE = EPOLLIN | EPOLLRDNORM
const WRITABLE = EPOLLOUT | EPOLLWRNORM
const text = (bytes: Uint8Array | number) =>
  typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString()

t.test('a reader waits for what is written', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('scull/scullpipe')
  const fd = await user.open(PIPE, O_RDWR)
  const waiting = user.read(fd, 10)
  await process({ pid: 2 }).writeFile(PIPE, 'hello')
  t.equal(text(await waiting), 'hello')
  t.equal(await user.lseek(fd, 0), -ESPIPE)
  await user.close(fd)
})

t.test('a writer waits for room', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('scull/scullpipe', 'buffer=4')
  const fd = await user.open(PIPE, O_RDWR)
  t.equal(await user.ready(fd), WRITABLE)
  t.equal(await user.write(fd, 'abcdef'), 3, 'as much as there is room for')
  t.equal(await user.ready(fd), READABLE)
  const writer = process({ pid: 2 })
  const other = await writer.open(PIPE, O_RDWR)
  const waiting = writer.write(other, 'def')
  t.equal(text(await user.read(fd, 2)), 'ab')
  t.equal(await waiting, 1, 'up to the end of the ring')
  t.equal(text(await user.read(fd, 10)), 'cd')
  await writer.close(other)
  await user.close(fd)
})

t.test('with O_NONBLOCK nobody waits', async t => {
  const { user, insmod } = await boot(t)
  await insmod('scull/scullpipe', 'buffer=2')
  const fd = await user.open(PIPE, O_RDWR | O_NONBLOCK)
  t.equal(await user.read(fd, 1), -EAGAIN)
  t.equal(await user.write(fd, 'x'), 1)
  t.equal(await user.write(fd, 'x'), -EAGAIN)
  await user.close(fd)
})

t.test('signals end the waits', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('scull/scullpipe', 'buffer=2')
  const fd = await user.open(PIPE, O_RDWR)
  const reading = user.read(fd, 1)
  await process({ pid: 2 }).readFile('/proc/uptime')
  user.signal()
  t.equal(await reading, -ERESTARTSYS)
  await user.close(fd)
})

t.test('who asked for it gets SIGIO when something is written', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('scull/scullpipe')
  const listener = process({ pid: 7 })
  const fd = await listener.open(PIPE, O_RDWR)
  await listener.fcntl(fd, F_SETOWN, 7)
  const flags = await listener.fcntl(fd, F_GETFL)
  t.equal(await listener.fcntl(fd, F_SETFL, flags | FASYNC), 0)
  await user.writeFile(PIPE, 'x')
  t.strictSame(listener.signals, [SIGIO])
  await listener.close(fd)
  await user.writeFile(PIPE, 'y')
  t.strictSame(listener.signals, [SIGIO], 'not after close(2)')
})
