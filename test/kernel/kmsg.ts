import t from 'tap'
import {
  EAGAIN,
  EBADF,
  EINVAL,
  EPERM,
  EPIPE,
  ERESTARTSYS,
  ESPIPE,
} from '../../src/include/linux/errno.ts'
import { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from '../../src/include/uapi/fcntl.ts'
import { EPOLLERR, EPOLLIN, EPOLLPRI, EPOLLRDNORM } from '../../src/include/uapi/poll.ts'
import type { UserProcess } from '../../src/user_process.ts'
import { boot } from '../harness/machine.ts'

const SET = 0
const CUR = 1
const END = 2
const DATA = 3

const text = (bytes: Uint8Array | number) =>
  typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString()

/** The next record, without number and time: "6,-;text\n". */
async function record(user: UserProcess, fd: number): Promise<string | number> {
  const got = text(await user.read(fd, 8192))
  return typeof got === 'number' ? got : got.replace(/^(\d+),\d+,\d+,/, '$1,')
}

t.test('each read gives one record', async t => {
  const { user, kernel } = await boot(t)
  const fd = await user.open('/dev/kmsg', O_RDONLY | O_NONBLOCK)
  t.match(await record(user, fd), /^5,-;Linux version /)
  t.match(await record(user, fd), /^6,-;Command line: /)
  t.equal(await user.lseek(fd, 0, END), 0)
  t.equal(await record(user, fd), -EAGAIN)
  kernel.log.printk('\x013tab\t back\\ é\x1b[1m two\nlines\n')
  t.equal(
    await record(user, fd),
    '3,-;tab\\x09 back\\x5c \\xc3\\xa9\\x1b[1m two\\x0alines\n',
  )
  await user.close(fd)
})

t.test('a buffer that is too small costs the record', async t => {
  const { user } = await boot(t)
  const fd = await user.open('/dev/kmsg', O_RDONLY | O_NONBLOCK)
  t.equal(await user.read(fd, 10), -EINVAL)
  t.match(await record(user, fd), /^6,-;Command line: /)
  await user.close(fd)
})

t.test(
  'seeking goes to the oldest, the end, and what came after the last clear',
  async t => {
    const { user, kernel } = await boot(t)
    const fd = await user.open('/dev/kmsg', O_RDONLY | O_NONBLOCK)
    await user.syscall(() => kernel.log.syslog.do_syslog(5, 0))
    kernel.log.printk('after the clear\n')
    t.equal(await user.lseek(fd, 0, DATA), 0)
    t.equal(await record(user, fd), '4,-;after the clear\n')
    t.equal(await user.lseek(fd, 0, SET), 0)
    t.match(await record(user, fd), /Linux version/)
    t.equal(await user.lseek(fd, 5, SET), -ESPIPE)
    t.equal(await user.lseek(fd, 0, CUR), -EINVAL)
    await user.close(fd)
  },
)

t.test('who was overtaken by the ring is told once, with EPIPE', async t => {
  const { user, kernel } = await boot(t)
  const fd = await user.open('/dev/kmsg', O_RDONLY | O_NONBLOCK)
  for (let i = 0; i < 9000; i++) kernel.log.printk('%d\n', i)
  t.equal(await user.ready(fd), EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLPRI)
  t.equal(await record(user, fd), -EPIPE)
  t.match(await record(user, fd), /^4,-;\d+\n$/)
  t.equal(await user.ready(fd), EPOLLIN | EPOLLRDNORM)
  await user.close(fd)
})

t.test('a reader waits for the next record, or for a signal', async t => {
  const { user, kernel } = await boot(t)
  const fd = await user.open('/dev/kmsg')
  await user.lseek(fd, 0, END)
  t.equal(await user.ready(fd), 0)
  const polling = user.woken(fd)
  const reading = record(user, fd)
  await user.syscall(() => kernel.log.printk('hello'))
  t.equal(await user.ready(fd), 0, 'a record without newline is not there yet')
  await user.syscall(() => kernel.log.printk('\x01c, world\n'))
  t.equal(await reading, '4,-;hello, world\n')
  await polling

  const interrupted = user.read(fd, 8192)
  await user.syscall(() => user.signal())
  t.equal(await interrupted, -ERESTARTSYS)
  await user.close(fd)
})

t.test('a write is one record, with the level and facility of its prefix', async t => {
  const { user, dmesg } = await boot(t)
  const fd = await user.open('/dev/kmsg', O_WRONLY)
  const lines = [
    'plain\n',
    '<3>three\n',
    '<30>daemon\n',
    '<x>bad\n',
    '<998>big\n',
    'a\nb\n',
    'no end',
  ]
  for (const line of lines) t.equal(await user.write(fd, line), line.length)
  t.equal(await user.write(fd, '\n'), 1)
  t.strictSame(dmesg(), [
    '<12>plain',
    '<11>three',
    '<30>daemon',
    '<12><x>bad',
    '<998>big',
    '<12>a\n<12>b',
    '<12>no end',
    '<12>',
  ])
  t.equal(await user.write(fd, 'x'.repeat(993)), -EINVAL)
  t.equal(await user.write(fd, 'x'.repeat(992)), 992)
  t.equal(await user.read(fd, 100), -EBADF)
  await user.close(fd)
})

t.test('only the privileged may read it, even if the mode would let them', async t => {
  const { user, process, kernel } = await boot(t)
  const other = process({ uid: 1000, gid: 1000 })
  t.equal(await other.open('/dev/kmsg'), -EPERM)
  t.equal(await other.open('/dev/kmsg', O_WRONLY), -13, 'the mode is 0644')
  kernel.log.settings.dmesg_restrict = 0
  const fd = await other.open('/dev/kmsg')
  t.ok(fd > 0)
  await other.close(fd)
  await user.close(await user.open('/dev/kmsg', O_RDWR))
})

t.test('/proc/sys/kernel/printk holds four levels', async t => {
  const { user } = await boot(t)
  const path = '/proc/sys/kernel/printk'
  const after = async (line: string) => {
    await user.writeFile(path, line)
    return user.readFile(path)
  }
  t.equal(await user.readFile(path), '7\t4\t1\t7\n')
  t.equal(await after('3\n'), '3\t4\t1\t7\n')
  t.equal(await after('8 4 1 7\n'), '8\t4\t1\t7\n')
  t.equal(await after('1 2\n'), '1\t2\t1\t7\n')
  t.equal(await after('99\n'), '99\t2\t1\t7\n')
  t.equal(await after('-1\n'), '-1\t2\t1\t7\n')
  t.equal(await user.writeFile(path, 'abc\n'), -EINVAL)
  t.equal(await user.writeFile(path, ''), 0)
})
