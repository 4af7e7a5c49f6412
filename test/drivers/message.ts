import t from 'tap'
import { E2BIG, EFAULT, EINVAL, ENOTTY } from '../../src/include/uapi/errno.ts'
import { O_RDWR } from '../../src/include/uapi/fcntl.ts'
import { bytes_of, sizeof } from '../../src/include/linux/struct.ts'
import type { struct_view } from '../../src/include/linux/struct.ts'
import {
  MESSAGE_IOCGET,
  MESSAGE_IOCGINFO,
  MESSAGE_IOCGPART,
  MESSAGE_IOCNTH,
  MESSAGE_IOCSET,
  MESSAGE_IOCSOPTIONS,
  message_info,
  message_part,
} from '../../drivers/message/message_ioctl.ts'
import type { UserProcess } from '../../src/user_process.ts'
import { boot } from '../harness/machine.ts'

/** The address of these bytes in the program. */
function put(user: UserProcess, bytes: Uint8Array): number {
  const at = user.memory.alloc(bytes.length)
  user.memory.write(at, bytes)
  return at
}

/** What the program has there. */
function get<V extends struct_view>(user: UserProcess, at: number, into: V): V {
  user.memory.read(at, bytes_of(into))
  return into
}

t.test('message answers by string, number and struct', async t => {
  const { insmod, user } = await boot(t)
  t.equal(await insmod('message'), 0)
  const fd = await user.open('/dev/message', O_RDWR)
  const ioctl = (cmd: number, arg: number | bigint) => user.ioctl(fd, cmd, arg)

  t.equal(await ioctl(MESSAGE_IOCSET, put(user, Buffer.from('hello world\0'))), 0)
  const text = user.memory.alloc(16)
  t.equal(await ioctl(MESSAGE_IOCGET, text), 0)
  const bytes = new Uint8Array(12)
  user.memory.read(text, bytes)
  t.equal(Buffer.from(bytes).toString(), 'hello world\0')
  t.equal(await ioctl(MESSAGE_IOCNTH, 4), 0x6f)
  t.equal(await ioctl(MESSAGE_IOCNTH, 11), -EINVAL)
  t.equal(await ioctl(MESSAGE_IOCGET, 8), -EFAULT)
  t.equal(await ioctl(MESSAGE_IOCNTH + 99, 0), -ENOTTY)

  const info = user.memory.alloc(sizeof(message_info))
  t.equal(await ioctl(MESSAGE_IOCGINFO, info), 0)
  const { length, times, upper, who } = get(user, info, new message_info())
  t.same({ length, times, upper, who }, { length: 11, times: 1, upper: 0, who: 'test' })
  await user.close(fd)
})

t.test('a pointer in a struct leads into the same program', async t => {
  const { insmod, user } = await boot(t)
  await insmod('message')
  const fd = await user.open('/dev/message', O_RDWR)
  const text = put(user, new Uint8Array(8).fill(0x2e))
  const part = new message_part({ offset: 1, size: 2, text })
  const at = put(user, bytes_of(part))
  t.equal(await user.ioctl(fd, MESSAGE_IOCGPART, at), 0)
  const bytes = new Uint8Array(8)
  user.memory.read(text, bytes)
  t.equal(Buffer.from(bytes).toString(), 'mp......', 'of "empty"')
  part.text = 8
  user.memory.write(at, bytes_of(part))
  t.equal(await user.ioctl(fd, MESSAGE_IOCGPART, at), -EFAULT)
  await user.close(fd)
})

t.test('options may be of a later version', async t => {
  const { insmod, user } = await boot(t)
  await insmod('message')
  const fd = await user.open('/dev/message', O_RDWR)
  const set = (size: number, ...bytes: number[]) => {
    const cmd = (MESSAGE_IOCSOPTIONS & ~(0x3fff << 16)) | (size << 16)
    return user.ioctl(fd, cmd, put(user, Uint8Array.from(bytes)))
  }
  t.equal(await set(4, 1, 0, 0, 0), 0)
  t.equal(await user.ioctl(fd, MESSAGE_IOCNTH, 0), 0x45, 'capitals')
  t.equal(await set(8, 0, 0, 0, 0, 0, 0, 0, 0), 0)
  t.equal(await set(8, 0, 0, 0, 0, 0, 0, 0, 1), -E2BIG)
  t.equal(await set(1, 1), 0, 'an older program knows less')
  t.equal(await set(4, 2, 0, 0, 0), -EINVAL)
  await user.close(fd)
})
