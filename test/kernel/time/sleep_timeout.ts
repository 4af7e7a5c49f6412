import t from 'tap'
import { MAX_SCHEDULE_TIMEOUT } from '../../../src/include/linux/jiffies.ts'
import { TASK_UNINTERRUPTIBLE } from '../../../src/include/linux/sched.ts'
import { Task } from '../../../src/kernel/sched.ts'
import { EXPORT_SYMBOL as delay } from '../../../src/kernel/time/delay.ts'
import { clockwork } from '../../harness/clockwork.ts'

const newTask = () => new Task({ pid: 1, uid: 0, gid: 0 })

async function timed(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await call()
  return performance.now() - start
}

t.test('msleep() sleeps at least as long as it is told, whoever wakes it', async t => {
  const { sched, timeouts } = clockwork(t)
  const task = newTask()
  const sleeping = timed(() => sched.spawn(task, () => timeouts.msleep(15)))
  setTimeout(() => sched.wake_up_process(task), 3)
  t.ok((await sleeping) >= 15)
})

t.test('a signal ends msleep_interruptible(), which tells what was left', async t => {
  const { sched, timeouts } = clockwork(t)
  const task = newTask()
  const sleeping = sched.spawn(task, () => timeouts.msleep_interruptible(10_000))
  setImmediate(() => sched.signal_wake_up(task))
  const left = await sleeping
  t.ok(left > 5000 && left <= 10_004, String(left))
})

t.test('schedule_timeout() ends when its time is up, or when it is woken', async t => {
  const { sched, timeouts } = clockwork(t)
  const task = newTask()
  const patient = () => timeouts.schedule_timeout_uninterruptible(2)
  t.equal(await sched.spawn(task, patient), 0)

  const sleeping = sched.spawn(task, () => timeouts.schedule_timeout_interruptible(2500))
  setImmediate(() => sched.wake_up_process(task))
  const left = await sleeping
  t.ok(left > 1000 && left <= 2500, String(left))
})

t.test('schedule_timeout() without an end needs to be woken', async t => {
  const { sched, timeouts } = clockwork(t)
  const task = newTask()
  const sleeping = sched.spawn(task, () => {
    sched.set_current_state(TASK_UNINTERRUPTIBLE)
    return timeouts.schedule_timeout(MAX_SCHEDULE_TIMEOUT)
  })
  setImmediate(() => sched.wake_up_process(task))
  t.equal(await sleeping, MAX_SCHEDULE_TIMEOUT)
})

t.test('a negative time is reported, and none', async t => {
  const { sched, timeouts, said } = clockwork(t)
  t.equal(await sched.spawn(newTask(), () => timeouts.schedule_timeout(-1)), 0)
  t.strictSame(said, ['\x013schedule_timeout: wrong timeout value ffffffffffffffff\n'])
})

t.test('usleep_range() sleeps for its microseconds', async t => {
  const { sched, sleeps } = clockwork(t)
  const sleep = () => sleeps.usleep_range_state(1500, 2000, TASK_UNINTERRUPTIBLE)
  t.ok((await timed(() => sched.spawn(newTask(), sleep))) >= 1.5)
})

t.test('udelay() and ndelay() wait without sleeping', async t => {
  const start = performance.now()
  delay.__udelay(3000)
  delay.__ndelay(500_000)
  t.ok(performance.now() - start >= 3.5)
})
