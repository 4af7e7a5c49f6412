// Descriptors that drivers make, in process.
import t from 'tap'
import { EBADF, EFAULT, EMFILE, ESPIPE } from '../../src/include/linux/errno.ts'
import { _IO, _IOR } from '../../src/include/linux/ioctl.ts'
import {
  F_GETFD,
  F_GETFL,
  FD_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
} from '../../src/include/uapi/fcntl.ts'
import { GIVER } from '../harness/anon_driver.ts'
import type { UserProcess } from '../../src/user_process.ts'
import { boot, build } from '../harness/machine.ts'

const GIVE = _IO('g', 1)
const GIVE_AT = _IOR('g', 2, 'int')
const GIVE_LATER = _IO('g', 3)
const LETTER = _IO('g', 9)

const letter = (bytes: Uint8Array | number) =>
  typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString()

function int({ memory }: UserProcess, at: number): number {
  const bytes = Buffer.alloc(4)
  memory.read(at, bytes)
  return bytes.readInt32LE()
}

async function giver(t: Parameters<typeof boot>[0]) {
  const machine = await boot(t)
  t.equal(await machine.insmod(await build(t, 'giver', GIVER)), 0)
  machine.dmesg()
  return { ...machine, fd: await machine.user.open('/dev/giver', O_RDWR) }
}

t.test('a driver gives its caller a descriptor of a file without a name', async t => {
  const { user, fd, dmesg } = await giver(t)
  const given = await user.ioctl(fd, GIVE)
  t.equal(given, fd + 1, 'the lowest that is free')
  t.equal(letter(await user.read(given, 10)), 'a')
  t.equal(await user.write(given, 'b'), 1)
  t.equal(await user.ioctl(given, LETTER), 'b'.charCodeAt(0))
  t.equal(await user.fcntl(given, F_GETFL), O_RDWR)
  t.equal(await user.fcntl(given, F_GETFD), 0)
  t.equal(await user.lseek(given, 0, 0), -ESPIPE)
  t.equal(await user.pread(given, 1, 0), -ESPIPE)
  t.equal(await user.close(fd), 0)
  t.same(dmesg(), [])
  t.equal(await user.close(given), 0)
  t.same(dmesg(), ['<6>anon_inode:[letter] is released at b'])
})

t.test('it may be told at an address, or after a sleep', async t => {
  const { user, fd } = await giver(t)
  const at = user.memory.alloc(4)
  t.equal(await user.ioctl(fd, GIVE_AT, at), 0)
  const given = int(user, at)
  t.equal(given, fd + 1)
  t.equal(await user.fcntl(given, F_GETFL), O_NONBLOCK)
  t.equal(await user.fcntl(given, F_GETFD), FD_CLOEXEC)
  const later = user.ioctl(fd, GIVE_LATER)
  t.equal(await user.write(fd, '!'), 1)
  const late = await later
  t.equal(letter(await user.read(late, 1)), 'l')
  for (const one of [given, late, fd]) t.equal(await user.close(one), 0)
})

t.test('what goes wrong leaves no descriptor and no file', async t => {
  const { user, fd, dmesg } = await giver(t)
  t.equal(await user.ioctl(fd, GIVE_AT, 0), -EFAULT)
  t.same(dmesg(), ['<6>anon_inode:[letter] is released at x'])
  t.equal(await user.ioctl(fd, GIVE), fd + 1, 'the number is free again')
  t.equal(await user.close(fd + 1), 0)

  while (user.dup(fd) > 0);
  t.equal(await user.ioctl(fd, GIVE), -EMFILE)
  await user.exit()
})

t.test('the module stays as long as one is open', async t => {
  const { user, fd, rmmod } = await giver(t)
  const given = await user.ioctl(fd, GIVE)
  await user.close(fd)
  t.not(await rmmod('giver'), 0)
  await user.close(given)
  t.equal(await rmmod('giver'), 0)
})

t.test('a child has what its parent was given; a reserved number is no file', async t => {
  const { user, fd } = await giver(t)
  const reserved = user.fds.reserve(false)
  t.equal(await user.read(reserved, 1), -EBADF)
  const given = await user.ioctl(fd, GIVE)
  const child = await user.fork()
  t.equal(letter(await child.read(given, 1)), 'a')
  t.equal(await child.ioctl(fd, GIVE), reserved, 'not reserved there')
  await child.exit()
  await user.exit()
})
