// doze: who opens waits for who has opened.
import t from 'tap'
import { EAGAIN, ERESTARTSYS } from '../../src/include/linux/errno.ts'
import { O_NONBLOCK, O_RDONLY } from '../../src/include/uapi/fcntl.ts'
import { boot } from '../harness/machine.ts'

const FILE = '/proc/doze'

t.test('the second to open waits until the first one closes', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('doze')
  const first = await user.open(FILE)
  const waiting = process({ pid: 2 })
  let second: number | undefined
  const opened = waiting.open(FILE).then(fd => (second = fd))
  t.equal(await process({ pid: 3 }).open(FILE, O_RDONLY | O_NONBLOCK), -EAGAIN)
  t.equal(second, undefined)
  await user.close(first)
  t.ok((await opened) >= 0)
  await waiting.close(second ?? -1)
})

t.test('of several who wait one gets the file, and then the next', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('doze')
  const fd = await user.open(FILE)
  const others = [2, 3, 4].map(pid => process({ pid }))
  const inside: number[] = []
  const visits = others.map(async (other, i) => {
    const mine = await other.open(FILE)
    inside.push(i)
    t.equal(inside.length, 1, 'nobody else is in')
    inside.pop()
    await other.close(mine)
  })
  await user.close(fd)
  await Promise.all(visits)
})

t.test('a signal ends the wait', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('doze')
  const fd = await user.open(FILE)
  const waiting = process({ pid: 2 })
  const opened = waiting.open(FILE)
  await process({ pid: 3 }).open(FILE, O_NONBLOCK)
  waiting.signal()
  t.equal(await opened, -ERESTARTSYS)
  await user.close(fd)
})

t.test('what was written last is read', async t => {
  const { user, insmod } = await boot(t)
  await insmod('doze')
  t.equal(await user.readFile(FILE), '')
  t.equal(await user.writeFile(FILE, 'zzz\n'), 4)
  t.equal(await user.readFile(FILE), 'zzz\n')
  t.equal(await user.writeFile(FILE, 'z'.repeat(100)), 80, 'as much as there is room for')
})
