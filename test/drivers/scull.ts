import t from 'tap'
import {
  SCULL_IOCGCAPACITY,
  SCULL_IOCGSIZE,
  SCULL_IOCRESET,
  SCULL_IOCSCAPACITY,
} from '../../drivers/scull/scull_ioctl.ts'
import { EFAULT, EINVAL, ENOSPC, ENOTTY, ENXIO } from '../../src/include/uapi/errno.ts'
import { O_RDWR, O_WRONLY } from '../../src/include/uapi/fcntl.ts'
import type { UserProcess } from '../../src/user_process.ts'
import { boot } from '../harness/machine.ts'

const text = (bytes: Uint8Array | number) =>
  typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString()

/** An ioctl that gets an int. */
async function ioctlGet(user: UserProcess, fd: number, cmd: number): Promise<number> {
  const at = user.memory.alloc(4)
  const ret = await user.ioctl(fd, cmd, at)
  const bytes = new Uint8Array(4)
  user.memory.read(at, bytes)
  return ret || new DataView(bytes.buffer).getInt32(0, true)
}

/** An ioctl that is given an int. */
async function ioctlSet(user: UserProcess, fd: number, cmd: number, value: number) {
  const at = user.memory.alloc(4)
  user.memory.write(at, new Uint8Array(new Int32Array([value]).buffer))
  return user.ioctl(fd, cmd, at)
}

t.test('what is written is read back', async t => {
  const { user, insmod, dmesg } = await boot(t)
  t.equal(await insmod('scull'), 0)
  t.equal(dmesg().at(-1), '<6>scull: 4 devices of 4096 bytes')

  const fd = await user.open('/dev/scull0', O_RDWR)
  t.equal(await user.write(fd, 'hello'), 5)
  t.equal(text(await user.read(fd, 5)), '', 'the position is past what was written')

  t.equal(await user.lseek(fd, 0), 0)
  t.equal(text(await user.read(fd, 100)), 'hello')
  t.equal(text(await user.pread(fd, 2, 1)), 'el')
  await user.close(fd)
})

t.test('opening for writing only empties the device', async t => {
  const { user, insmod } = await boot(t)
  await insmod('scull')
  await user.writeFile('/dev/scull0', 'hello')
  t.equal(await user.readFile('/dev/scull0'), 'hello')

  await user.close(await user.open('/dev/scull0', O_WRONLY))
  t.equal(await user.readFile('/dev/scull0'), '')
})

t.test('seeking knows three starting points', async t => {
  const { user, insmod } = await boot(t)
  await insmod('scull')
  const fd = await user.open('/dev/scull0', O_RDWR)
  await user.write(fd, 'hello')

  t.equal(await user.lseek(fd, -2, 2), 3)
  t.equal(text(await user.read(fd, 9)), 'lo')
  t.equal(await user.lseek(fd, -4, 1), 1)
  t.equal(text(await user.read(fd, 1)), 'e')
  t.equal(await user.lseek(fd, -1, 0), -EINVAL)
  t.equal(await user.lseek(fd, 0, 9), -EINVAL)
  await user.close(fd)
})

t.test('the capacity is a parameter, and an ioctl', async t => {
  const { user, insmod } = await boot(t)
  await insmod('scull', 'nr_devs=2 capacity=8')
  t.equal(user.lstat('/dev/scull2'), -2)

  const fd = await user.open('/dev/scull1', O_RDWR)
  t.equal(await ioctlGet(user, fd, SCULL_IOCGCAPACITY), 8)
  t.equal(await ioctlSet(user, fd, SCULL_IOCSCAPACITY, 3), 0)
  t.equal(await user.write(fd, 'hello'), 3, 'a short write')
  t.equal(await user.write(fd, 'lo'), -ENOSPC)
  t.equal(await ioctlGet(user, fd, SCULL_IOCGSIZE), 3)
  t.equal(await user.ioctl(fd, SCULL_IOCRESET), 0)
  t.equal(await ioctlGet(user, fd, SCULL_IOCGSIZE), 0)
  await user.close(fd)
})

t.test('errors are the ones Linux gives', async t => {
  const { user, insmod } = await boot(t)
  await insmod('scull')
  const fd = await user.open('/dev/scull0', O_RDWR)
  t.equal(await user.ioctl(fd, 0xdead), -ENOTTY, 'not an ioctl of ours')
  t.equal(await user.ioctl(fd, SCULL_IOCGCAPACITY, 8), -EFAULT, 'nothing is mapped there')
  t.equal(await ioctlSet(user, fd, SCULL_IOCSCAPACITY, 0), -EINVAL)
  await user.close(fd)
  t.equal(await insmod('scull', 'nr_devs=0'), -17, 'it is loaded already')
})

t.test('a node whose number nobody serves cannot be opened', async t => {
  const { user, insmod, kernel } = await boot(t)
  await insmod('scull')
  const dev = kernel.root.child('dev')
  const node = dev?.i_op.mknod?.(dev, 'scull9', 0o020666, (254 << 20) + 9, {
    uid: 0,
    gid: 0,
  })
  t.equal(await user.open('/dev/scull9'), -ENXIO)
  if (typeof node === 'object') node.remove()
})

t.test('an init that cannot work is refused, and leaves nothing', async t => {
  const { insmod, user } = await boot(t)
  t.equal(await insmod('scull', 'nr_devs=-1'), -EINVAL)
  t.equal(await user.readFile('/proc/modules'), '')
})
