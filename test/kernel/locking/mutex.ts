import t from 'tap'
import { EINTR } from '../../../src/include/linux/errno.ts'
import { mutex } from '../../../src/include/linux/mutex.ts'
import { Task } from '../../../src/kernel/sched.ts'
import { bareLocks } from '../../harness/locks.ts'

function machine() {
  const { sched, mutexes } = bareLocks()
  let pid = 0
  const newTask = () => new Task({ pid: ++pid, uid: 0, gid: 0 })
  const spawn = <T>(call: () => Promise<T> | T, task = newTask()) =>
    sched.spawn(task, call)
  return { sched, mutexes, newTask, spawn }
}

t.test('only one task is inside, and the others follow in their order', async t => {
  const { sched, mutexes, spawn } = machine()
  const lock = new mutex()
  const order: number[] = []
  let inside = 0
  const work = async () => {
    await mutexes.mutex_lock(lock)
    t.equal(++inside, 1)
    order.push(sched.current.pid)
    await sched.schedule()
    inside--
    mutexes.mutex_unlock(lock)
  }
  await Promise.all([1, 2, 3, 4].map(() => spawn(work)))
  t.strictSame(order, [1, 2, 3, 4])
  t.equal(mutexes.mutex_is_locked(lock), false)
})

t.test('a task that locks over and over does not starve one that waits', async t => {
  const { sched, mutexes, spawn } = machine()
  const lock = new mutex()
  let rounds = 0
  let waited = false
  const greedy = spawn(async () => {
    while (!waited && ++rounds < 100) {
      await mutexes.mutex_lock(lock)
      await sched.schedule()
      mutexes.mutex_unlock(lock)
    }
  })
  await spawn(async () => {
    await mutexes.mutex_lock(lock)
    waited = true
    mutexes.mutex_unlock(lock)
  })
  await greedy
  t.equal(rounds, 2)
})

t.test('a lock that is free is taken at once', async t => {
  const { mutexes } = machine()
  const lock = new mutex()
  t.equal(mutexes.mutex_lock_interruptible(lock), 0)
  t.equal(mutexes.mutex_trylock(lock), false)
  mutexes.mutex_unlock(lock)
  t.equal(mutexes.mutex_trylock(lock), true)
  mutexes.__mutex_init(lock)
  t.equal(mutexes.mutex_lock(lock), undefined)
})

t.test(
  'a signal ends an interruptible wait, and the next in line is not forgotten',
  async t => {
    const { sched, mutexes, newTask, spawn } = machine()
    const lock = new mutex()
    await spawn(() => mutexes.mutex_lock(lock))
    const impatient = newTask()
    const gaveUp = spawn(() => mutexes.mutex_lock_interruptible(lock), impatient)
    const patient = spawn(() => mutexes.mutex_lock_interruptible(lock))
    await spawn(() => sched.signal_wake_up(impatient))
    t.equal(await gaveUp, -EINTR)

    await spawn(() => mutexes.mutex_unlock(lock))
    t.equal(await patient, 0)
    t.equal(mutexes.mutex_is_locked(lock), true)
  },
)

t.test('a signal does not end mutex_lock()', async t => {
  const { sched, mutexes, newTask, spawn } = machine()
  const lock = new mutex()
  await spawn(() => mutexes.mutex_lock(lock))
  const task = newTask()
  let got = false
  const waiting = spawn(async () => {
    await mutexes.mutex_lock(lock)
    got = true
  }, task)
  await spawn(() => sched.signal_wake_up(task))
  await spawn(() => t.equal(got, false))
  await spawn(() => mutexes.mutex_unlock(lock))
  await waiting
})
