// scullaccess: who may have a device open together with whom.
import t from 'tap'
import { EAGAIN, EBUSY, EINVAL, ERESTARTSYS } from '../../src/include/linux/errno.ts'
import { MKDEV } from '../../src/include/linux/kdev_t.ts'
import { O_NONBLOCK, O_RDWR } from '../../src/include/uapi/fcntl.ts'
import { boot } from '../harness/machine.ts'

const ALICE = 1000
const BOB = 1001

t.test('scullsingle is for one at a time, whoever it is', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('scull/scullaccess')
  const fd = await user.open('/dev/scullsingle', O_RDWR)
  t.equal(await user.open('/dev/scullsingle'), -EBUSY)
  t.equal(await process({ uid: ALICE }).open('/dev/scullsingle'), -EBUSY)
  t.equal(await user.write(fd, 'mine'), 4)
  await user.close(fd)
  t.equal(await process({ uid: ALICE }).readFile('/dev/scullsingle'), 'mine')
})

t.test('sculluid is for one user at a time, and for root', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('scull/scullaccess')
  const alice = process({ uid: ALICE, pid: 2 })
  const first = await alice.open('/dev/sculluid')
  const second = await alice.open('/dev/sculluid')
  t.ok(first >= 0 && second >= 0, 'as often as she likes')
  const bob = process({ uid: BOB, pid: 4 })
  t.equal(await bob.open('/dev/sculluid'), -EBUSY)
  const root = await user.open('/dev/sculluid')
  t.ok(root >= 0, 'root may do anything')
  await user.close(root)
  await alice.close(first)
  t.equal(await bob.open('/dev/sculluid'), -EBUSY, 'she still has it open')
  await alice.close(second)
})

t.test('scullwuid lets other users wait', async t => {
  const { process, insmod } = await boot(t)
  await insmod('scull/scullaccess')
  const alice = process({ uid: ALICE, pid: 2 })
  const bob = process({ uid: BOB, pid: 3 })
  const hers = await alice.open('/dev/scullwuid')
  t.equal(await bob.open('/dev/scullwuid', O_NONBLOCK), -EAGAIN)

  const interrupted = bob.open('/dev/scullwuid')
  await process({ pid: 9 }).readFile('/proc/uptime')
  bob.signal()
  t.equal(await interrupted, -ERESTARTSYS)

  const opened = bob.open('/dev/scullwuid')
  await alice.close(hers)
  const his = await opened
  t.ok(his >= 0)
  t.equal(await alice.open('/dev/scullwuid', O_NONBLOCK), -EAGAIN, 'now it is his')
  await bob.close(his)
})

t.test('scullpriv gives each terminal a memory of its own', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('scull/scullaccess')
  t.equal(await user.open('/dev/scullpriv'), -EINVAL, 'without a terminal')
  const here = process({ tty: MKDEV(136, 0) })
  const there = process({ tty: MKDEV(136, 1) })
  await here.writeFile('/dev/scullpriv', 'here')
  await there.writeFile('/dev/scullpriv', 'there')
  t.equal(await here.readFile('/dev/scullpriv'), 'here')
  t.equal(await there.readFile('/dev/scullpriv'), 'there')
})
