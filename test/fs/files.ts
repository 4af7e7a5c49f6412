// What programs may do with a character device, whatever its driver has.
import t from 'tap'
import {
  EBADF,
  EBUSY,
  EFAULT,
  EINVAL,
  ENODEV,
  ENOTTY,
  ENXIO,
  ERESTARTSYS,
  ESPIPE,
  EAGAIN,
} from '../../src/include/linux/errno.ts'
import {
  O_CREAT,
  O_LARGEFILE,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  O_NONBLOCK,
} from '../../src/include/uapi/fcntl.ts'
import {
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDNORM,
  EPOLLWRNORM,
} from '../../src/include/uapi/poll.ts'
import { S_IFBLK, S_IFCHR } from '../../src/include/uapi/stat.ts'
import { boot, build } from '../harness/machine.ts'

const [SET, CUR, END, DATA, HOLE] = [0, 1, 2, 3, 4]

const DRIVER = `
  import { EAGAIN, EBUSY, EFAULT, ENOIOCTLCMD, ERESTARTSYS } from '#linux/errno'
  import { O_NONBLOCK } from '#linux/fcntl'
  import { default_llseek, fixed_size_llseek, generic_file_llseek, no_llseek, no_seek_end_llseek, no_seek_end_llseek_size, nonseekable_open, noop_llseek, stream_open } from '#linux/fs'
  import type { file_operations } from '#linux/fs'
  import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { EPOLLIN, poll_wait } from '#linux/poll'
  import { copy_to_user } from '#linux/uaccess'
  import { wait_event_interruptible, wait_queue_head, wake_up_interruptible } from '#linux/wait'
  MODULE_LICENSE('GPL')

  const owner = THIS_MODULE
  const read: NonNullable<file_operations['read']> = (_filp, _buf, count, pos) => {
    pos.value += count
    return count
  }
  const wq = new wait_queue_head()
  let items = 0
  let busy = false
  let flags = 0
  const all: Record<string, file_operations> = {
    empty: { owner },
    ownerless: { read },
    default: { owner, read, llseek: default_llseek },
    fixed: { owner, read, llseek: (f, o, w) => fixed_size_llseek(f, o, w, 64) },
    generic: { owner, read, llseek: generic_file_llseek },
    endless: { owner, read, llseek: no_seek_end_llseek },
    short: { owner, read, llseek: (f, o, w) => no_seek_end_llseek_size(f, o, w, 64) },
    none: { owner, read, llseek: no_llseek },
    noop: { owner, read, llseek: noop_llseek },
    nonseekable: { owner, read, open: nonseekable_open },
    stream: { owner, read, open: stream_open, llseek: default_llseek },
    ioctl: {
      owner,
      unlocked_ioctl: (_f, cmd, arg) => cmd === 1 ? 12345 : cmd === 5 ? -ENOIOCTLCMD : cmd === 3 ? arg.int : copy_to_user(arg, new Uint8Array(4), 4) ? -EFAULT : 0,
    },
    single: {
      owner,
      open: (_inode, filp) => { flags = filp.f_flags; return busy ? -EBUSY : ((busy = true), 0) },
      release: () => ((busy = false), 0),
      unlocked_ioctl: () => flags,
    },
    queue: {
      owner,
      async read(filp, _buf, _count) {
        while (items === 0) {
          if (filp.f_flags & O_NONBLOCK) return -EAGAIN
          if (await wait_event_interruptible(wq, () => items > 0)) return -ERESTARTSYS
        }
        items--
        return 0
      },
      write(_f, _b, count) { items += count; wake_up_interruptible(wq); return count },
      poll(filp, table) { poll_wait(filp, wq, table); return items > 0 ? EPOLLIN : 0 },
    },
  }
  const devices = Object.entries(all).map(([name, fops]) => ({ minor: MISC_DYNAMIC_MINOR, name, fops }))
  module_init(() => { for (const dev of devices) misc_register(dev); return 0 })
  module_exit(() => { for (const dev of devices) misc_deregister(dev) })
`

t.test('files of drivers', async t => {
  const image = await build(t, 'files', DRIVER)
  const machine = async (t: Parameters<typeof boot>[0]) => {
    const m = await boot(t)
    t.equal(await m.insmod(image), 0)
    return m
  }

  await t.test('a driver without operations', async t => {
    const { user } = await machine(t)
    const fd = await user.open('/dev/empty', O_RDWR)
    t.equal(await user.read(fd, 1), -EINVAL)
    t.equal(await user.write(fd, 'x'), -EINVAL)
    t.equal(await user.lseek(fd, 0, CUR), -ESPIPE)
    t.equal(await user.ioctl(fd, 0x5401), -ENOTTY)
    t.equal(await user.ready(fd), EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM)
    t.equal(await user.close(fd), 0)
    t.equal(await user.close(fd), -EBADF)
    const readonly = await user.open('/dev/empty', O_RDONLY)
    t.equal(await user.write(readonly, 'x'), -EBADF)
    await user.close(readonly)
    const writeonly = await user.open('/dev/empty', O_WRONLY)
    t.equal(await user.read(writeonly, 1), -EBADF)
    await user.close(writeonly)
  })

  await t.test('lseek, by what the driver has for it', async t => {
    const { user } = await machine(t)
    const table: Record<string, [offset: number, whence: number, answer: number][]> = {
      generic: [
        [5, SET, 5],
        [2, CUR, 7],
        [-8, CUR, -EINVAL],
        [3, END, 3],
        [0, DATA, -ENXIO],
      ],
      endless: [
        [5, SET, 5],
        [-1, CUR, 4],
        [0, END, -EINVAL],
        [0, HOLE, -EINVAL],
      ],
      short: [
        [64, SET, 64],
        [1, CUR, -EINVAL],
        [0, CUR, 64],
      ],
      default: [
        [5, SET, 5],
        [2, CUR, 7],
        [-8, CUR, -EINVAL],
        [0, CUR, 7],
        [3, END, 3],
        [-1, SET, -EINVAL],
        [0, DATA, -ENXIO],
        [0, HOLE, -ENXIO],
        [-1, DATA, -EINVAL],
        [0, 5, -EINVAL],
        [0, -1, -EINVAL],
      ],
      fixed: [
        [0, END, 64],
        [65, SET, -EINVAL],
        [64, SET, 64],
        [1, CUR, -EINVAL],
        [-4, CUR, 60],
        [0, DATA, -EINVAL],
        [0, HOLE, -EINVAL],
        [-1, SET, -EINVAL],
      ],
      none: [
        [0, SET, -ESPIPE],
        [0, 5, -EINVAL],
      ],
      noop: [
        [9, SET, 0],
        [0, END, 0],
      ],
      ownerless: [[0, SET, -ESPIPE]],
      nonseekable: [[0, SET, -ESPIPE]],
      stream: [[0, SET, -ESPIPE]],
    }
    for (const [name, steps] of Object.entries(table)) {
      const fd = await user.open(`/dev/${name}`)
      for (const [offset, whence, answer] of steps) {
        t.equal(
          await user.lseek(fd, offset, whence),
          answer,
          `${name} ${offset} ${whence}`,
        )
      }
      await user.close(fd)
    }
  })

  await t.test('pread works without lseek, but not on a stream', async t => {
    const { user } = await machine(t)
    for (const [name, answer] of [
      ['none', 3],
      ['ownerless', 3],
      ['nonseekable', -ESPIPE],
      ['stream', -ESPIPE],
    ] as const) {
      const fd = await user.open(`/dev/${name}`)
      const got = await user.pread(fd, 3, 8)
      t.equal(typeof got === 'number' ? got : got.length, answer, name)
      await user.close(fd)
    }
    const fd = await user.open('/dev/default')
    await user.pread(fd, 3, 8)
    t.equal(await user.lseek(fd, 0, CUR), 0, 'it does not move the position')
    await user.read(fd, 3)
    t.equal(await user.lseek(fd, 0, CUR), 3)
    await user.close(fd)
  })

  await t.test('ioctl passes positive values on, and knows bad pointers', async t => {
    const { user } = await machine(t)
    const fd = await user.open('/dev/ioctl')
    t.equal(await user.ioctl(fd, 1), 12345)
    t.equal(await user.ioctl(fd, 5), -ENOTTY)
    t.equal(await user.ioctl(fd, 3, 0xffff_ffff_0000_0007n), 7)
    t.equal(await user.ioctl(fd, 4, 8), -EFAULT)
    t.equal(await user.ioctl(fd, 4, user.memory.alloc(4)), 0)
    await user.close(fd)
    t.equal(await user.ioctl(fd, 1), -EBADF)
  })

  await t.test('open() sees all flags once, and may refuse', async t => {
    const { user } = await machine(t)
    const flags = O_RDWR | O_CREAT | O_TRUNC | O_NONBLOCK
    const fd = await user.open('/dev/single', flags)
    t.equal(await user.ioctl(fd, 0), flags | O_LARGEFILE)
    t.equal(await user.open('/dev/single'), -EBUSY)
    t.equal(await user.readFile('/sys/module/files/refcnt'), '1\n')
    const copy = user.dup(fd)
    await user.close(fd)
    t.equal(await user.open('/dev/single'), -EBUSY, 'the copy is open')
    await user.close(copy)
    await user.close(await user.open('/dev/single'))
    t.equal(await user.readFile('/sys/module/files/refcnt'), '0\n')
  })

  await t.test('operations without an owner do not keep their module', async t => {
    const { user, rmmod } = await machine(t)
    const fd = await user.open('/dev/ownerless')
    t.equal(await user.readFile('/sys/module/files/refcnt'), '0\n')
    t.equal(await rmmod('files'), 0)
    await user.close(fd)
  })

  await t.test('a reader blocks, is woken, interrupted, or told EAGAIN', async t => {
    const { user, process } = await machine(t)
    const other = process({ pid: 2 })
    const fd = await user.open('/dev/queue', O_RDWR)
    const nonblocking = await other.open('/dev/queue', O_RDWR | O_NONBLOCK)
    t.equal(await other.read(nonblocking, 1), -EAGAIN)

    t.equal(await user.ready(fd), 0)
    const polled = user.woken(fd)
    const first = user.read(fd, 1)
    const second = process({ pid: 3 })
    const alsoReading = second.open('/dev/queue').then(async also => {
      const got = await second.read(also, 1)
      await second.close(also)
      return got
    })
    await new Promise(resolve => setTimeout(resolve, 5))
    await other.write(nonblocking, 'x')
    await polled
    await Promise.race([first, alsoReading])
    await other.write(nonblocking, 'x')
    t.match(await Promise.all([first, alsoReading]), [Uint8Array, Uint8Array])

    const interrupted = user.read(fd, 1)
    await user.syscall(() => user.signal())
    t.equal(await interrupted, -ERESTARTSYS)
    await user.close(fd)
    await other.close(nonblocking)
  })

  await t.test('nodes of numbers that nobody serves', async t => {
    const { user, kernel } = await machine(t)
    const dev = kernel.root.child('dev')
    const root = { uid: 0, gid: 0 }
    const mknod = (name: string, mode: number, rdev: number) =>
      dev?.i_op.mknod?.(dev, name, mode, rdev, root)
    const nodes = [
      mknod('major', S_IFCHR | 0o666, 238 << 20),
      mknod('minor', S_IFCHR | 0o666, (10 << 20) + 99),
      mknod('block', S_IFBLK | 0o666, 8 << 20),
    ]
    t.equal(await user.open('/dev/major'), -ENXIO)
    t.equal(await user.open('/dev/minor'), -ENODEV, 'a misc device that is not there')
    t.equal(await user.open('/dev/block'), -ENXIO)
    for (const node of nodes) if (typeof node === 'object') node.remove()
  })
})
