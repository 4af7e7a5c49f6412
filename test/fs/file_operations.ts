// What the kernel does with a driver's operations beyond read() and write(), in process: iterators, pieces,
// flags, signals, the life of an open file.
import t from 'tap'
import {
  EBADF,
  EEXIST,
  EFAULT,
  EINVAL,
  ENOTDIR,
  ENOTTY,
  EIO,
  ESPIPE,
  ESRCH,
} from '../../src/include/linux/errno.ts'
import {
  F_DUPFD,
  F_GETFL,
  F_GETOWN,
  F_GETOWN_EX,
  F_GETSIG,
  F_OWNER_PID,
  F_SETFL,
  F_SETOWN,
  F_SETOWN_EX,
  F_SETSIG,
  FASYNC,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_EXCL,
  O_LARGEFILE,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_RDWR,
} from '../../src/include/uapi/fcntl.ts'
import { FIGETBSZ, FIOASYNC, FIONBIO } from '../../src/include/uapi/ioctls.ts'
import { SIGIO, SIGKILL, SIGUSR1 } from '../../src/include/uapi/signal.ts'
import { UserProcess } from '../../src/user_process.ts'
import { boot, build } from '../harness/machine.ts'

const DRIVER = `
  import { EIOCBQUEUED } from '#linux/errno'
  import { fasync_helper, kill_fasync, stream_open } from '#linux/fs'
  import type { fasync_struct, file_operations } from '#linux/fs'
  import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { pr_info } from '#linux/printk'
  import { POLL_IN, SIGIO } from '#linux/signal'
  import { ref } from '#linux/types'
  import { copy_from_user, copy_to_user } from '#linux/uaccess'
  import { copy_from_iter, copy_to_iter, iov_iter_count } from '#linux/uio'
  MODULE_LICENSE('GPL')

  const owner = THIS_MODULE
  const text = new Uint8Array(16)
  for (let i = 0; i < 16; i++) text[i] = '0123456789abcdef'.charCodeAt(i)
  const listeners = ref<fasync_struct | null>(null)

  const all: Record<string, file_operations> = {
    pieces: {
      owner,
      llseek: (filp, offset) => (filp.f_pos = offset),
      read(_filp, buf, count, pos) {
        pr_info('read %zu at %lld\\n', count, pos.value)
        const n = Math.min(count, text.length - pos.value)
        if (copy_to_user(buf, text.subarray(pos.value), n)) return -14
        pos.value += n
        return n
      },
      write(_filp, buf, count, pos) {
        const n = Math.min(count, 3)
        const bytes = new Uint8Array(n)
        if (copy_from_user(bytes, buf, n)) return -14
        pr_info('write %zu at %lld: %*pE\\n', count, pos.value, n, bytes)
        pos.value += n
        return n
      },
    },
    iter: {
      owner,
      llseek: (filp, offset) => (filp.f_pos = offset),
      read_iter(iocb, to) {
        const n = copy_to_iter(text.subarray(iocb.ki_pos), 16 - iocb.ki_pos, to)
        iocb.ki_pos += n
        pr_info('read_iter %zu, nr_segs %lu\\n', n, to.nr_segs)
        return n
      },
      async write_iter(iocb, from) {
        const before = from.nr_segs
        const bytes = new Uint8Array(iov_iter_count(from))
        const n = copy_from_iter(bytes, bytes.length, from)
        pr_info('write_iter %*pE, nr_segs %lu, flags %#x\\n', n, bytes, before, iocb.ki_flags)
        iocb.ki_pos += n
        return n
      },
    },
    queued: { owner, read_iter: () => -EIOCBQUEUED },
    stream: {
      owner,
      open: stream_open,
      read: (_filp, _buf, _count, pos) => (pos ? 0 : 7),
      write: (_filp, _buf, _count, pos) => pos.value,
    },
    life: {
      owner,
      open: (_i, filp) => (pr_info('open 0%o\\n', filp.f_flags), 0),
      flush: () => (pr_info('flush\\n'), 0),
      release: () => (pr_info('release\\n'), 0),
      fsync: (_f, _s, _e, datasync) => (datasync ? 1 : 0),
      fasync(fd, filp, on) {
        pr_info('fasync %d %d\\n', fd, on)
        return fasync_helper(fd, filp, on, listeners)
      },
      write(_filp, _buf, count) {
        kill_fasync(listeners, SIGIO, POLL_IN)
        return count
      },
    },
  }
  const devices = Object.entries(all).map(([name, fops]) => ({ minor: MISC_DYNAMIC_MINOR, name, fops }))
  module_init(() => { for (const dev of devices) misc_register(dev); return 0 })
  module_exit(() => { for (const dev of devices) misc_deregister(dev) })
`

t.test('operations of drivers', async t => {
  const image = await build(t, 'ops', DRIVER)
  const machine = async (t: Parameters<typeof boot>[0]) => {
    const m = await boot(t)
    t.equal(await m.insmod(image), 0)
    m.dmesg()
    return m
  }
  const string = (bytes: Uint8Array | number) =>
    typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString()

  await t.test('readv() and writev() call read() and write() for each piece', async t => {
    const { user, dmesg } = await machine(t)
    const fd = await user.open('/dev/pieces', O_RDWR)
    t.equal(string(await user.readv(fd, 2, 0, 3)), '01234')
    t.same(dmesg(), ['<6>read 2 at 0', '<6>read 3 at 2'], 'empty ones are passed over')
    t.equal(string(await user.readv(fd, 10, 10, 10)), '56789abcdef')
    t.same(dmesg(), ['<6>read 10 at 5', '<6>read 10 at 15'], 'a short piece is the last')
    t.equal(await user.writev(fd, 'ab', 'cdef', 'g'), 5)
    t.same(dmesg(), ['<6>write 2 at 16: ab', '<6>write 4 at 18: cde'])
    t.equal(await user.readv(fd, ...Array<number>(1025).fill(1)), -EINVAL)
    await user.close(fd)
  })

  await t.test('read_iter() and write_iter() get all pieces at once', async t => {
    const { user, dmesg } = await machine(t)
    const fd = await user.open('/dev/iter', O_RDWR | O_APPEND)
    t.equal(string(await user.readv(fd, 2, 3)), '01234')
    t.equal(string(await user.read(fd, 3)), '567', 'read(2) comes here, too')
    t.same(dmesg(), ['<6>read_iter 5, nr_segs 0', '<6>read_iter 3, nr_segs 0'])
    t.equal(await user.writev(fd, 'ab', '', 'cd'), 4)
    t.equal(await user.write(fd, 'x'), 1)
    t.same(dmesg(), [
      '<6>write_iter abcd, nr_segs 3, flags 0x10',
      '<6>write_iter x, nr_segs 0, flags 0x10',
    ])
    t.equal(string(await user.pread(fd, 2, 14)), 'ef')
    t.equal(string(await user.pread(fd, 2, 3)), '34', 'the position is not asked')
    t.equal(await user.lseek(fd, 0, 0), 0)
    t.equal(string(await user.readv(fd)), '', 'no pieces')
    await user.close(fd)
  })

  await t.test('read_iter() that promises an answer for later is a BUG', async t => {
    const { user, dmesg } = await machine(t)
    const fd = await user.open('/dev/queued')
    t.equal(await user.read(fd, 1), -EIO)
    t.ok(dmesg().some(line => line.includes('kernel BUG at')))
    await user.close(fd)
  })

  await t.test('a stream has no position', async t => {
    const { user, dmesg } = await machine(t)
    const fd = await user.open('/dev/stream', O_RDWR)
    t.equal(((await user.read(fd, 7)) as Uint8Array).length, 7)
    t.equal(await user.pread(fd, 7, 0), -ESPIPE)
    t.equal(await user.pwrite(fd, 'x', 0), -ESPIPE)
    t.equal(await user.lseek(fd, 0, 1), -ESPIPE)
    t.equal(await user.write(fd, 'x'), -EIO)
    t.match(dmesg()[0], /NULL pointer dereference/)
    t.same(user.signals, [SIGKILL])
    await user.close(fd)
  })

  await t.test('positions that no file has', async t => {
    const { user } = await machine(t)
    const fd = await user.open('/dev/pieces', O_RDWR)
    t.equal(await user.pread(fd, 4, -1), -EINVAL)
    t.equal(await user.pread(fd, 4, 2 ** 63 - 1), -EINVAL)
    await user.close(fd)
  })

  await t.test('what a driver has no operation for', async t => {
    const { user } = await machine(t)
    const fd = await user.open('/dev/pieces', O_RDWR)
    t.equal(await user.fsync(fd), -EINVAL)
    t.equal(await user.ftruncate(fd, 0), -EINVAL)
    t.equal(await user.ioctl(fd, 0x5401), -ENOTTY)
    t.equal(await user.fcntl(fd, F_SETFL, FASYNC), 0)
    t.equal(await user.fcntl(fd, F_GETFL), O_RDWR | O_LARGEFILE, 'not kept')
    const on = user.memory.alloc(4)
    user.memory.write(on, new Uint8Array([1, 0, 0, 0]))
    t.equal(await user.ioctl(fd, FIOASYNC, on), -ENOTTY)
    await user.close(fd)
    const queued = await user.open('/dev/queued', O_RDWR)
    t.equal(await user.write(queued, 'x'), -EINVAL)
    t.equal(await user.writev(queued, 'x'), -EINVAL)
    await user.close(queued)
    const life = await user.open('/dev/life', O_RDWR)
    t.equal(await user.read(life, 1), -EINVAL)
    t.equal(await user.readv(life, 1), -EINVAL)
    t.equal(await user.fsync(life), 0)
    t.equal(await user.fdatasync(life), 1)
    await user.close(life)
  })

  await t.test('open(2) and its flags', async t => {
    const { user, dmesg } = await machine(t)
    t.equal(await user.open('/dev/life', O_CREAT | O_EXCL), -EEXIST)
    t.equal(await user.open('/dev/life', O_DIRECTORY), -ENOTDIR)
    t.equal(await user.open('/dev/life/x'), -ENOTDIR)
    t.equal(await user.open('/dev/life', O_RDWR | O_DIRECT), -EINVAL)
    t.same(dmesg(), ['<6>open 0140002', '<6>release'], 'the driver sees it first')

    const path = await user.open('/dev/life', O_PATH | O_RDWR | O_CREAT)
    t.equal(await user.read(path, 1), -EBADF)
    t.equal(await user.ioctl(path, 0), -EBADF)
    t.equal(await user.fsync(path), -EBADF)
    t.equal(await user.fcntl(path, F_GETFL), O_PATH)
    t.equal(await user.fcntl(path, F_SETFL, 0), -EBADF)
    t.equal(await user.close(path), 0)

    const neither = await user.open('/dev/life', 3)
    t.equal(await user.read(neither, 1), -EBADF)
    t.equal(await user.write(neither, 'x'), -EBADF)
    await user.close(neither)
    t.same(dmesg(), ['<6>open 0100003', '<6>flush', '<6>release'], 'O_PATH is not for it')
    const closing = await user.open('/dev/life', O_CLOEXEC)
    t.equal(await user.fcntl(closing, F_GETFL), O_RDONLY | O_LARGEFILE)
    await user.close(closing)
  })

  await t.test('flags that change are seen by the next call', async t => {
    const { user } = await machine(t)
    const fd = await user.open('/dev/pieces', O_RDWR)
    t.equal(await user.fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_CREAT), 0)
    const flags = O_RDWR | O_LARGEFILE | O_APPEND
    t.equal(await user.fcntl(fd, F_GETFL), flags | O_NONBLOCK)
    const off = user.memory.alloc(4)
    t.equal(await user.ioctl(fd, FIONBIO, off), 0)
    t.equal(await user.fcntl(fd, F_GETFL), flags)
    t.equal(await user.fcntl(fd, F_SETFL, O_DIRECT), -EINVAL)
    t.equal(await user.ioctl(fd, FIGETBSZ, off), 0)
    t.equal(await user.fcntl(fd, 99), -EINVAL)
    await user.close(fd)
  })

  await t.test('flush() at each close, release() at the last', async t => {
    const { user, dmesg } = await machine(t)
    const fd = await user.open('/dev/life')
    const copy = await user.fcntl(fd, F_DUPFD, 10)
    t.equal(copy, 10)
    t.equal(await user.dup2(fd, 20), 20)
    const child = await user.fork(77)
    dmesg()
    await user.close(fd)
    await user.close(copy)
    await child.exit()
    t.same(dmesg(), Array(5).fill('<6>flush'))
    t.equal(await user.dup2(20, 20), 20)
    await user.close(20)
    t.same(dmesg(), ['<6>flush', '<6>release'])
    t.equal(await user.close(20), -EBADF)
  })

  await t.test('SIGIO comes to the owner, as long as the file is open', async t => {
    const { user, process, dmesg } = await machine(t)
    const fd = await user.open('/dev/life', O_RDWR)
    t.equal(await user.fcntl(fd, F_GETOWN), 0)
    t.equal(await user.fcntl(fd, F_SETFL, FASYNC), 0)
    t.equal(await user.fcntl(fd, F_GETFL), O_RDWR | O_LARGEFILE | FASYNC)
    await user.write(fd, 'x')
    t.same(user.signals, [], 'nobody owns it')

    t.equal(await user.fcntl(fd, F_SETOWN, user.pid), 0)
    t.equal(await user.fcntl(fd, F_GETOWN), user.pid)
    await user.write(fd, 'x')
    t.same(user.signals, [SIGIO])

    const other = process({ pid: 44, uid: 1000 })
    t.equal(await user.fcntl(fd, F_SETOWN, 44), 0)
    t.equal(await user.fcntl(fd, F_SETSIG, SIGUSR1), 0)
    t.equal(await user.fcntl(fd, F_GETSIG), SIGUSR1)
    await user.write(fd, 'x')
    t.same([user.signals, other.signals], [[SIGIO], [SIGUSR1]], 'root may choose')
    t.equal(await user.fcntl(fd, F_SETSIG, 65), -EINVAL)
    t.equal(await user.fcntl(fd, F_SETOWN, 4711), -ESRCH)

    t.equal(await user.fcntl(fd, F_SETFL, 0), 0)
    await user.write(fd, 'x')
    t.same(other.signals, [SIGUSR1], 'O_ASYNC is off')
    dmesg()
    t.equal(await user.fcntl(fd, F_SETFL, FASYNC), 0)
    await user.close(fd)
    t.same(dmesg(), ['<6>fasync 3 1', '<6>flush', '<6>fasync -1 0', '<6>release'])
  })

  await t.test('SIGIO comes to all of a group, as it is then', async t => {
    const { user, process } = await machine(t)
    const fd = await user.open('/dev/life', O_RDWR)
    t.equal(await user.fcntl(fd, F_SETFL, FASYNC), 0)
    t.equal(await user.fcntl(fd, F_SETOWN, -70), -ESRCH, 'nobody has that number')
    const first = process({ pid: 70, uid: 1000 })
    const second = process({ pid: 71, pgrp: 70 })
    const alone = process({ pid: 72 })
    t.equal(await user.fcntl(fd, F_SETOWN, -70), 0)
    t.equal(await user.fcntl(fd, F_GETOWN), -70)
    const third = await second.fork(73)
    await second.exit()
    await user.write(fd, 'x')
    const got = [first, second, third, alone].map(({ signals }) => signals)
    t.same(got, [[SIGIO], [], [SIGIO], []])
    t.equal(await user.fcntl(fd, F_SETOWN, -72), 0, 'a process, and its group')
    await third.exit()
    await user.close(fd)
  })

  await t.test('only root makes files signal other users', async t => {
    const { process, user } = await machine(t)
    const owner = user.memory.alloc(8)
    const words = new Int32Array([F_OWNER_PID, 1])
    user.memory.write(owner, new Uint8Array(words.buffer))
    const fd = await user.open('/dev/life', O_RDWR)
    t.equal(await user.fcntl(fd, F_SETFL, FASYNC), 0)
    t.equal(await user.fcntl(fd, F_SETOWN_EX, 8), -EFAULT)
    const ordinary = process({ pid: 50, uid: 1000 })
    t.equal(await user.fcntl(fd, F_SETOWN_EX, owner), 0)
    await user.write(fd, 'x')
    t.same(user.signals, [SIGIO])

    const setuid = new UserProcess(user.kernel, { pid: 52, uid: 1000 }, user)
    t.equal(await setuid.fcntl(fd, F_SETOWN, user.pid), 0)
    await user.write(fd, 'x')
    t.same(user.signals, [SIGIO], 'not by him')
    t.equal(await setuid.fcntl(fd, F_SETOWN, ordinary.pid), 0)
    await user.write(fd, 'x')
    t.same(ordinary.signals, [SIGIO], 'another of his own')
    t.equal(await user.fcntl(fd, F_GETOWN_EX, owner), 0)
    user.memory.read(owner, new Uint8Array(words.buffer))
    t.same([...words], [F_OWNER_PID, ordinary.pid])
    await setuid.exit()
    await user.close(fd)
  })
})
