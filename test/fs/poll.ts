// poll(2), select(2) and epoll(7) in process: several queues, files and pollers, keys, signals, times.
import t from 'tap'
import {
  EBADF,
  EEXIST,
  EINTR,
  EINVAL,
  ENOENT,
  EPERM,
} from '../../src/include/uapi/errno.ts'
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLONESHOT,
} from '../../src/include/uapi/eventpoll.ts'
import { O_RDWR } from '../../src/include/uapi/fcntl.ts'
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  POLLNVAL,
} from '../../src/include/uapi/poll.ts'
import { boot, build } from '../harness/machine.ts'
import { MANY } from '../harness/poll_driver.ts'

async function machine(t: Parameters<typeof boot>[0]) {
  const image = await build(t, 'many', MANY)
  const booted = await boot(t)
  const { insmod, user, process, dmesg } = booted
  t.equal(await insmod(image), 0)
  const fd = await user.open('/dev/many', O_RDWR)
  const driver = process({ pid: 99 })
  const control = await driver.open('/dev/many', O_RDWR)
  dmesg()
  return { ...booted, fd, set: (words: string) => driver.write(control, words) }
}

const ready = (answer: unknown) => (answer as { events: number }[]).map(one => one.events)

t.test(
  'poll() answers at once, waits for one of several queues, or for its time',
  async t => {
    const { user, fd, set, dmesg } = await machine(t)
    const plain = await user.open('/dev/plain')
    const fds = [{ fd, events: EPOLLIN, revents: 0 }]
    t.equal(await user.poll(fds, 0), 0)
    t.strictSame(dmesg(), ['<6>poll 1 0x19'], 'asked, and nobody waits')
    t.equal(await user.poll(fds, 20), 0, 'time is up')
    dmesg()

    const waiting = user.poll(fds, -1)
    await set('out')
    await set('in')
    t.equal(await waiting, 1)
    t.equal(fds[0]?.revents, EPOLLIN)
    t.strictSame(dmesg(), ['<6>poll 0 0x19', '<6>poll 1 0x19', '<6>poll 1 0x19'])

    await set('hup err pri out')
    t.equal(await user.poll(fds, -1), 1)
    t.equal(fds[0]?.revents, EPOLLHUP | EPOLLERR, 'those are told in any case')
    const all = [
      { fd, events: EPOLLOUT, revents: 0 },
      { fd: plain, events: EPOLLIN | EPOLLPRI, revents: 0 },
      { fd: 77, events: EPOLLIN, revents: 0 },
    ]
    t.equal(await user.poll(all, -1), 3)
    t.strictSame(
      all.map(one => one.revents),
      [EPOLLOUT | EPOLLHUP | EPOLLERR, EPOLLIN, POLLNVAL],
    )
  },
)

t.test('what a driver answers is taken for its bits', async t => {
  const { user, fd, set, dmesg } = await machine(t)
  await set('bad')
  const fds = [{ fd, events: EPOLLIN | EPOLLPRI, revents: 0 }]
  t.equal(await user.poll(fds, 0), 1)
  t.equal(fds[0]?.revents, EPOLLPRI | EPOLLERR, '-22 is …11101010')
  const odd = await user.open('/dev/odd')
  dmesg()
  t.equal(await user.poll([{ fd: odd, events: EPOLLIN }], 0), 1)
  t.match(dmesg().join('\n'), /driver returned NaN where a number is due/)
})

t.test('a signal ends poll(), unless something is ready', async t => {
  const { user, fd, set } = await machine(t)
  const fds = [{ fd, events: EPOLLIN }]
  const waiting = user.poll(fds, -1)
  await set('out')
  user.signal()
  t.equal(await waiting, -EINTR)
  await set('in')
  t.equal(await user.poll(fds, -1), 1)
})

t.test('many pollers of one file and of several all learn of it', async t => {
  const { user, process, fd, set } = await machine(t)
  const twin = user.dup(fd)
  const others = [2, 3, 4].map(pid => process({ pid }))
  const polls = [
    user.poll([{ fd, events: EPOLLIN }], -1),
    user.poll([{ fd: twin, events: EPOLLIN }], -1),
  ]
  for (const other of others) {
    const own = await other.open('/dev/many', O_RDWR)
    polls.push(other.poll([{ fd: own, events: EPOLLIN }], -1))
  }
  await set('in')
  t.strictSame(await Promise.all(polls), [1, 1, 1, 1, 1])
})

t.test('select() sorts them into its sets', async t => {
  const { user, fd, set } = await machine(t)
  const plain = await user.open('/dev/plain')
  const none = { read: [], write: [], except: [] }
  t.strictSame(await user.select({ read: [fd], write: [fd], except: [fd] }, 0), none)
  const waiting = user.select({ read: [fd], except: [fd] }, -1)
  await set('pri')
  t.strictSame(await waiting, { ...none, except: [fd] })
  await set('hup')
  t.strictSame(await user.select({ read: [fd, plain], write: [fd] }, -1), {
    ...none,
    read: [fd, plain],
  })
  t.equal(await user.select({ read: [77] }, 0), -EBADF)
})

t.test('epoll: level, edge, one shot', async t => {
  const { user, fd, set } = await machine(t)
  const ep = user.epoll_create1()
  const wait = async (timeout = 0) => ready(await user.epoll_wait(ep, 9, timeout))
  t.equal(await user.epoll_ctl(ep, EPOLL_CTL_ADD, fd, { events: EPOLLIN, data: 1 }), 0)
  t.strictSame(await wait(), [])
  const waiting = wait(-1)
  await set('in')
  t.strictSame(await waiting, [EPOLLIN])
  t.strictSame(await wait(), [EPOLLIN], 'as long as it is so')

  await set('none')
  const edge = { events: EPOLLIN | EPOLLET, data: 'e' }
  t.equal(await user.epoll_ctl(ep, EPOLL_CTL_MOD, fd, edge), 0)
  await set('in')
  t.strictSame(await user.epoll_wait(ep, 9, -1), [{ events: EPOLLIN, data: 'e' }])
  t.strictSame(await wait(), [], 'nothing has happened since')
  await set('in')
  t.strictSame(await wait(), [EPOLLIN], 'a wake-up while nobody waits')
  await set('in out keyed')
  t.strictSame(await wait(), [EPOLLIN])
  await set('out keyed')
  t.strictSame(await wait(), [], 'not about what it asks for')

  const once = { events: EPOLLIN | EPOLLONESHOT, data: 1 }
  t.equal(await user.epoll_ctl(ep, EPOLL_CTL_MOD, fd, once), 0)
  await set('in')
  t.strictSame(await wait(), [EPOLLIN])
  await set('in hup')
  t.strictSame(await wait(), [], 'it has had its shot')
  t.equal(await user.epoll_ctl(ep, EPOLL_CTL_MOD, fd, once), 0)
  t.strictSame(await wait(), [EPOLLIN | EPOLLHUP])
})

t.test(
  'epoll: errors, exclusive ones, an epoll in an epoll, files that close',
  async t => {
    const { user, process, fd, set } = await machine(t)
    const ep = user.epoll_create1()
    const event = { events: EPOLLIN, data: 0 }
    const plain = await user.open('/dev/plain')
    t.equal(await user.epoll_ctl(ep, EPOLL_CTL_ADD, plain, event), -EPERM, 'no poll()')
    t.equal(await user.epoll_ctl(ep, EPOLL_CTL_ADD, 77, event), -EBADF)
    t.equal(await user.epoll_ctl(fd, EPOLL_CTL_ADD, fd, event), -EINVAL, 'no epoll')
    t.equal(await user.epoll_ctl(ep, EPOLL_CTL_ADD, ep, event), -EINVAL, 'itself')
    t.equal(await user.epoll_ctl(ep, EPOLL_CTL_MOD, fd, event), -ENOENT)
    t.equal(await user.epoll_ctl(ep, EPOLL_CTL_DEL, fd), -ENOENT)
    t.equal(await user.epoll_ctl(ep, 9, fd, event), -EINVAL)
    t.equal(await user.epoll_wait(ep, 0, 0), -EINVAL)
    t.equal(await user.epoll_ctl(ep, EPOLL_CTL_ADD, fd, event), 0)
    t.equal(await user.epoll_ctl(ep, EPOLL_CTL_ADD, fd, event), -EEXIST)
    const interrupted = user.epoll_wait(ep, 1, -1)
    await set('none')
    user.signal()
    t.equal(await interrupted, -EINTR)

    const outer = user.epoll_create1()
    t.equal(await user.epoll_ctl(outer, EPOLL_CTL_ADD, ep, event), 0)
    const nested = user.epoll_wait(outer, 1, -1)
    await set('in')
    t.strictSame(ready(await nested), [EPOLLIN])
    t.equal(await user.close(fd), 0)
    t.strictSame(await user.epoll_wait(ep, 1, 0), [], 'a closed file is forgotten')
    await set('none')

    const exclusive = { events: EPOLLIN | EPOLLEXCLUSIVE | EPOLLET, data: 0 }
    const crowd = [2, 3, 4].map(pid => process({ pid }))
    let told = 0
    const waits = []
    for (const one of crowd) {
      const own = await one.open('/dev/many', O_RDWR)
      const epoll = one.epoll_create1()
      t.equal(await one.epoll_ctl(epoll, EPOLL_CTL_ADD, own, exclusive), 0)
      t.equal(await one.epoll_ctl(epoll, EPOLL_CTL_MOD, own, event), -EINVAL)
      waits.push(one.epoll_wait(epoll, 1, 200).then(got => (told += ready(got).length)))
    }
    await set('in')
    await Promise.all(waits)
    t.equal(told, 1, 'one of three')
  },
)
