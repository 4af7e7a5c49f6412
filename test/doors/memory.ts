// /dev/null, /dev/zero and /dev/full: all calls on devices that never wait.
import type { Test } from 'tap'
import {
  EBADF,
  EEXIST,
  EINVAL,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTTY,
} from '../../src/include/uapi/errno.ts'
import {
  F_DUPFD,
  F_GETFD,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_LARGEFILE,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
} from '../../src/include/uapi/fcntl.ts'
import {
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDNORM,
  EPOLLWRNORM,
} from '../../src/include/uapi/poll.ts'
import type { Door } from '../harness/door.ts'
import { throughAllDoors } from '../harness/doors.ts'

const [SET, CUR, END] = [0, 1, 2]
const TCGETS = 0x5401
const READY = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM

interface Expected {
  /** What four bytes of reading are. */
  read: string
  /** What writing three bytes answers. */
  written: number
}

async function moves(t: Test, door: Door, path: string, { read, written }: Expected) {
  const fd = await door.open(path, O_RDWR)
  t.equal(fd, 3)
  t.equal(await door.read(fd, 4), read)
  t.equal(await door.read(fd, 0), '')
  t.equal(await door.pread(fd, 4, 1000), read)
  t.equal(await door.pread(fd, 4, -1), -EINVAL)
  t.equal(await door.readv(fd, 1, 0, 3), read)
  t.equal(await door.write(fd, 'abc'), written)
  t.equal(await door.pwrite(fd, 'abc', 1000), written)
  t.equal(await door.pwrite(fd, 'abc', -1), -EINVAL)
  t.equal(await door.writev(fd, 'a', 'bc'), written)
  t.equal(await door.lseek(fd, 0, SET), 0)
  t.equal(await door.lseek(fd, 0, CUR), 0)
  t.equal(await door.lseek(fd, 0, END), 0)
  t.equal(await door.lseek(fd, 0, 9), -EINVAL)
  t.equal(await door.close(fd), 0)
}

async function refuses(t: Test, door: Door, path: string) {
  const fd = await door.open(path, O_RDWR)
  t.equal(await door.ioctl(fd, TCGETS, 0), -ENOTTY)
  t.equal(await door.poll(fd, READY | EPOLLPRI), READY)
  t.equal(await door.fsync(fd), -EINVAL)
  t.equal(await door.fdatasync(fd), -EINVAL)
  t.equal(await door.ftruncate(fd, 0), -EINVAL)
  t.equal(await door.close(fd), 0)
  t.equal(await door.close(fd), -EBADF)
  t.equal(await door.read(fd, 1), -EBADF)
  t.equal(await door.ioctl(fd, TCGETS, 0), -EBADF)
}

async function opens(t: Test, door: Door, path: string, { read, written }: Expected) {
  const reader = await door.open(path, O_RDONLY)
  t.equal(await door.write(reader, 'x'), -EBADF)
  t.equal(await door.writev(reader, 'x'), -EBADF)
  t.equal(await door.read(reader, 4), read)
  const writer = await door.open(path, O_WRONLY | O_CREAT | O_APPEND)
  t.equal(await door.read(writer, 1), -EBADF)
  t.equal(await door.write(writer, 'abc'), written)
  const neither = await door.open(path, 3)
  t.equal(await door.read(neither, 1), -EBADF)
  t.equal(await door.write(neither, 'x'), -EBADF)
  const place = await door.open(path, O_PATH)
  t.equal(await door.read(place, 1), -EBADF)
  t.equal(await door.ioctl(place, TCGETS, 0), -EBADF)
  t.equal(await door.lseek(place, 0, SET), -EBADF)
  for (const fd of [reader, writer, neither, place]) t.equal(await door.close(fd), 0)
  t.equal(await door.open(path, O_RDWR | O_CREAT | O_EXCL), -EEXIST)
  t.equal(await door.open(path, O_RDONLY | O_DIRECTORY), -ENOTDIR)
  t.equal(await door.open(`${path}/x`, O_RDONLY), -ENOTDIR)
  t.equal(await door.open(`${path}-not-there`, O_RDONLY), -ENOENT)
}

async function flags(t: Test, door: Door, path: string) {
  const fd = await door.open(path, O_RDWR | O_CLOEXEC)
  t.equal(await door.fcntl(fd, F_GETFD), FD_CLOEXEC)
  t.equal(await door.fcntl(fd, F_SETFD, 0), 0)
  t.equal(await door.fcntl(fd, F_GETFD), 0)
  t.equal(await door.fcntl(fd, F_GETFL), O_RDWR | O_LARGEFILE)
  t.equal(await door.fcntl(fd, F_SETFL, O_NONBLOCK | O_APPEND | O_CREAT), 0)
  const changed = O_RDWR | O_LARGEFILE | O_NONBLOCK | O_APPEND
  t.equal(await door.fcntl(fd, F_GETFL), changed)
  const copy = await door.dup(fd)
  t.equal(copy, 4)
  t.equal(await door.fcntl(fd, F_DUPFD, 10), 10)
  t.equal(await door.dup2(fd, 20), 20)
  t.equal(await door.dup2(20, 20), 20)
  t.equal(await door.dup2(fd, -1), -EBADF)
  t.equal(await door.dup2(50, 51), -EBADF)
  t.equal(await door.fcntl(copy, F_SETFL, 0), 0)
  t.equal(await door.fcntl(20, F_GETFL), O_RDWR | O_LARGEFILE, 'they are one open file')
  for (const open of [fd, copy, 10, 20]) t.equal(await door.close(open), 0)
}

const EXPECTED: Record<string, Expected> = {
  null: { read: '', written: 3 },
  zero: { read: '\0\0\0\0', written: 3 },
  full: { read: '\0\0\0\0', written: -ENOSPC },
}

for (const [name, expected] of Object.entries(EXPECTED)) {
  throughAllDoors({ name, host: () => `/dev/${name}` }, async (t, path, program) => {
    const door = program()
    await moves(t, door, path, expected)
    await refuses(t, door, path)
    await opens(t, door, path, expected)
    await flags(t, door, path)
  })
}
