// What a driver does with the memory of its caller, from inside the context that a module has.
import { _IO } from '../../src/include/uapi/ioctl.ts'
import t from 'tap'
import { E2BIG, EFAULT } from '../../src/include/uapi/errno.ts'
import { boot, build } from '../harness/machine.ts'

const DRIVER = `
import { EFAULT, ENOTTY } from '#linux/errno'
import { IS_ERR } from '#linux/err'
import { compat_ptr } from '#linux/compat'
import { _IOC_NR } from '#linux/ioctl'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { sizeof, struct } from '#linux/struct'
import { ref } from '#linux/types'
import {
  __copy_from_user, __copy_to_user, __get_user, __put_user, check_zeroed_user,
  copy_from_user, copy_struct_from_user, copy_to_user, memdup_user,
} from '#linux/uaccess'

MODULE_LICENSE('GPL')

const pair = struct({ a: 'int', b: 'unsigned short' })

const calls = [
  arg => {
    const p = memdup_user(arg, 8)
    if (IS_ERR(p)) return p
    return copy_to_user(arg.plus(8), p, 8) ? -EFAULT : 0
  },
  arg => {
    const numbers = new Int32Array(2)
    if (copy_from_user(numbers, arg, 8)) return -EFAULT
    numbers[0] = numbers[0] + numbers[1]
    return __copy_to_user(arg, numbers, 4) ? -EFAULT : numbers[0]
  },
  arg => {
    const one = new pair()
    const left = __copy_from_user(one, arg, sizeof(pair))
    return left ? -left : one.a * 1000 + one.b
  },
  arg => {
    const x = ref(7)
    const err = __get_user(x, arg, '__le16')
    return err ? 1000 + x.value : __put_user(x.value + 1, arg, 'u8')
  },
  arg => copy_struct_from_user(new pair(), sizeof(pair), arg, 12),
  arg => check_zeroed_user(compat_ptr(arg.int), 4),
]

const dev = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'memory',
  fops: {
    owner: THIS_MODULE,
    unlocked_ioctl: (_filp, cmd, arg) => calls[_IOC_NR(cmd)]?.(arg) ?? -ENOTTY,
  },
}
module_init(() => misc_register(dev))
module_exit(() => misc_deregister(dev))
`

t.test('a driver copies arrays, structs and values', async t => {
  const { insmod, user } = await boot(t)
  t.equal(await insmod(await build(t, 'memory', DRIVER)), 0)
  const fd = await user.open('/dev/memory')
  const at = user.memory.alloc(16)
  const call = (cmd: number, where = at) => user.ioctl(fd, _IO('m', cmd), where)
  const write = (hex: string) => user.memory.write(at, Buffer.from(hex, 'hex'))
  const read = (): string => {
    const bytes = Buffer.alloc(16)
    user.memory.read(at, bytes)
    return bytes.toString('hex')
  }

  write('01000000' + '02000000')
  t.equal(await call(0), 0)
  t.equal(read(), '01000000020000000100000002000000', 'what memdup_user() gave')
  t.equal(await call(0, at + 12), -EFAULT)
  t.equal(await call(1), 3)
  t.equal(read().slice(0, 16), '03000000' + '02000000', 'one of two numbers')
  t.equal(await call(2), 3002)
  t.equal(await call(2, at + 12), -4, 'four bytes are missing')
  t.equal(await call(3), 0)
  t.equal(read().slice(0, 2), '04')
  t.equal(await call(3, 8), 1000, 'a value that cannot be had is 0')
  t.equal(await call(4), -E2BIG)
  write('00'.repeat(16))
  t.equal(await call(4), 0)
  t.equal(await call(5), 1)
  t.equal(await call(5, 8), -EFAULT)
  await user.close(fd)
})
