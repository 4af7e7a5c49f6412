import t, { type Test } from 'tap'
import { EINTR, ETIME } from '../../../src/include/linux/errno.ts'
import { sema_init, semaphore } from '../../../src/include/linux/semaphore.ts'
import { Task } from '../../../src/kernel/sched.ts'
import { bareLocks } from '../../harness/locks.ts'

function machine(t: Test) {
  const { sched, semaphores } = bareLocks(t)
  let pid = 0
  const newTask = () => new Task({ pid: ++pid, uid: 0, gid: 0 })
  const spawn = <T>(call: () => Promise<T> | T, task = newTask()) =>
    sched.spawn(task, call)
  return { sched, semaphores, newTask, spawn }
}

t.test('as many are inside as it counts, the others come in their order', async t => {
  const { sched, semaphores, spawn } = machine(t)
  const sem = new semaphore(2)
  const order: number[] = []
  let inside = 0
  const work = async () => {
    await semaphores.down(sem)
    t.ok(++inside <= 2)
    order.push(sched.current.pid)
    await sched.schedule()
    inside--
    semaphores.up(sem)
  }
  await Promise.all([1, 2, 3, 4, 5].map(() => spawn(work)))
  t.strictSame(order, [1, 2, 3, 4, 5])
  t.equal(sem.count, 2)
})

t.test('down_trylock() is 0 if it could be had, unlike mutex_trylock()', async t => {
  const { semaphores } = machine(t)
  const sem = new semaphore()
  t.equal(semaphores.down_trylock(sem), 0)
  t.equal(semaphores.down_trylock(sem), 1)
  semaphores.up(sem)
  t.equal(semaphores.down_interruptible(sem), 0)
  sema_init(sem, 3)
  t.equal(semaphores.down_killable(sem), 0)
  t.equal(sem.count, 2)
})

t.test('who gives up leaves the line to those behind', async t => {
  const { sched, semaphores, newTask, spawn } = machine(t)
  const sem = new semaphore(0)
  const impatient = newTask()
  const gaveUp = spawn(() => semaphores.down_interruptible(sem), impatient)
  const late = spawn(() => semaphores.down_timeout(sem, 2))
  const patient = spawn(() => semaphores.down(sem))
  await spawn(() => sched.signal_wake_up(impatient))
  t.equal(await gaveUp, -EINTR)
  t.equal(await late, -ETIME)
  await spawn(() => semaphores.up(sem))
  await patient
  t.equal(sem.count, 0)
})

t.test('a killable wait ends by a deadly signal only', async t => {
  const { sched, semaphores, spawn } = machine(t)
  const sem = new semaphore(0)
  let dying = false
  const task = new Task({ pid: 9, uid: 0, gid: 0, dying: () => dying })
  const waiting = spawn(() => semaphores.down_killable(sem), task)
  await spawn(() => sched.signal_wake_up(task))
  t.equal(sem.wait_list.length, 1, 'it has a handler')
  dying = true // the host tells of the first signal only
  t.equal(await waiting, -EINTR)
  t.equal(sem.wait_list.length, 0)
})
