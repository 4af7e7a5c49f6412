import t, { type Test } from 'tap'
import { EINTR } from '../../../src/include/linux/errno.ts'
import { rw_semaphore, rwsem_is_locked } from '../../../src/include/linux/rwsem.ts'
import { Task } from '../../../src/kernel/sched.ts'
import { bareLocks } from '../../harness/locks.ts'

function machine(t: Test) {
  const { sched, rwsems } = bareLocks(t)
  let pid = 0
  const newTask = () => new Task({ pid: ++pid, uid: 0, gid: 0 })
  const spawn = <T>(call: () => Promise<T> | T, task = newTask()) =>
    sched.spawn(task, call)
  const sem = new rw_semaphore()
  const inside: string[] = []
  const reader = (name: string) =>
    spawn(async () => {
      await rwsems.down_read(sem)
      inside.push(name)
    })
  const writer = (name: string) =>
    spawn(async () => {
      await rwsems.down_write(sem)
      inside.push(name)
    })
  return { sched, rwsems, sem, newTask, spawn, inside, reader, writer }
}

t.test('many readers or one writer, and no reader passes a writer who waits', async t => {
  const { rwsems, sem, spawn, inside, reader, writer } = machine(t)
  await reader('r1')
  await reader('r2')
  const w1 = writer('w1')
  const r3 = reader('r3')
  const r4 = reader('r4')
  await spawn(() => {
    t.strictSame(inside, ['r1', 'r2'])
    t.equal(rwsems.down_read_trylock(sem), 0)
    rwsems.up_read(sem)
    rwsems.up_read(sem)
  })
  await w1
  await spawn(() => {
    t.strictSame(inside, ['r1', 'r2', 'w1'])
    rwsems.up_write(sem)
  })
  await Promise.all([r3, r4])
  t.strictSame(inside, ['r1', 'r2', 'w1', 'r3', 'r4'])
  t.equal(sem.count, 2)
})

t.test('a writer that becomes a reader lets the readers in', async t => {
  const { rwsems, sem, spawn, inside, reader, writer } = machine(t)
  await writer('w')
  const r = reader('r')
  const next = writer('next')
  await spawn(() => rwsems.downgrade_write(sem))
  await r
  t.strictSame(inside, ['w', 'r'])
  await spawn(() => {
    rwsems.up_read(sem)
    rwsems.up_read(sem)
  })
  await next
})

t.test('readers do not wait for a writer who has given up', async t => {
  const { sched, rwsems, sem, newTask, spawn, reader } = machine(t)
  await reader('r1')
  const killed = newTask()
  const gaveUp = spawn(() => rwsems.down_write_killable(sem), killed)
  const r2 = reader('r2')
  await spawn(() => sched.signal_wake_up(killed))
  t.equal(await gaveUp, -EINTR)
  await r2
  t.equal(sem.count, 2)
})

t.test('what can be had at once is', async t => {
  const { rwsems, sem } = machine(t)
  t.equal(rwsems.down_write_trylock(sem), 1)
  t.equal(rwsems.down_write_trylock(sem), 0)
  t.ok(rwsem_is_locked(sem))
  rwsems.up_write(sem)
  t.equal(rwsems.down_read_interruptible(sem), 0)
  t.equal(rwsems.down_read_trylock(sem), 1)
  t.equal(rwsems.down_write_trylock(sem), 0)
})
