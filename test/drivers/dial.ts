// The dial: attributes of a device, a group in a folder, an object's own file, news for who polls.
import t from 'tap'
import { EACCES, EINVAL, ENODEV } from '../../src/include/uapi/errno.ts'
import { O_RDWR } from '../../src/include/uapi/fcntl.ts'
import { EPOLLERR, EPOLLIN, EPOLLPRI } from '../../src/include/uapi/poll.ts'
import { boot } from '../harness/machine.ts'

const DIAL = '/sys/class/dial/dial0'
const text = (bytes: Uint8Array | number) =>
  typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString()

t.test('files of a device are shown and stored', async t => {
  const { user, insmod, rmmod, dmesg } = await boot(t)
  t.equal(await insmod('dial'), 0)
  t.strictSame([...(user.readdir(DIAL) as string[])].toSorted(), [
    'limits',
    'position',
    'power',
    'subsystem',
    'uevent',
  ])
  t.match(user.lstat(`${DIAL}/position`), { i_mode: 0o100644, i_size: 4096 })
  t.equal(await user.writeFile(`${DIAL}/position`, '0x7\n'), 4)
  t.equal(await user.readFile(`${DIAL}/position`), '7\n')
  t.equal(await user.writeFile(`${DIAL}/position`, '11'), -EINVAL)
  t.equal(await user.writeFile(`${DIAL}/position`, 'seven'), -EINVAL)
  dmesg()
  t.equal(await user.writeFile(`${DIAL}/limits/max`, '5\n'), 2)
  t.strictSame(dmesg(), ['<6>dial dial0: the limit is 5'])
  t.equal(await user.readFile(`${DIAL}/position`), '5\n')
  t.equal(await user.readFile('/sys/kernel/dial/turns'), '2\n')
  t.equal(await user.writeFile(`${DIAL}/limits/min`, '1'), -EACCES)
  t.equal(await user.writeFile(`${DIAL}/limits/new`, '1'), -EACCES)

  const fd = await user.open(`${DIAL}/position`)
  t.equal(await rmmod('dial'), 0)
  t.equal(await user.read(fd, 10), -ENODEV)
  t.equal(user.lstat('/sys/kernel/dial'), -2)
})

t.test('who polls is told of each change, once', async t => {
  const { user, insmod, process } = await boot(t)
  await insmod('dial')
  const other = process({ pid: 7 })
  const fd = await user.open(`${DIAL}/position`, O_RDWR)
  const news = EPOLLPRI | EPOLLERR
  t.equal((await user.ready(fd)) & (news | EPOLLIN), news | EPOLLIN, 'before any read')
  t.equal(text(await user.read(fd, 10)), '0\n')
  t.equal((await user.ready(fd)) & news, 0)
  const told = user.woken(fd)
  await other.writeFile(`${DIAL}/position`, '3')
  await told
  t.equal((await user.ready(fd)) & news, news)
  t.equal(text(await user.pread(fd, 10, 0)), '3\n')
  t.equal((await user.ready(fd)) & news, 0, 'reading it is having been told')
})
