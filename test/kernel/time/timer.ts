import t from 'tap'
import { Scheduler, Task } from '../../../src/kernel/sched.ts'
import { Timers } from '../../../src/kernel/time/timer.ts'

function machine() {
  const sched = new Scheduler()
  const task = new Task({ pid: 1, uid: 0, gid: 0 })
  return { sched, task, timers: new Timers(sched) }
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await call()
  return performance.now() - start
}

t.test('msleep() sleeps at least as long as it is told, whoever wakes it', async t => {
  const { sched, task, timers } = machine()
  const sleeping = timed(() => sched.spawn(task, () => timers.msleep(15)))
  setTimeout(() => sched.wake_up_process(task), 3)
  t.ok((await sleeping) >= 15)
  t.ok((await timed(() => sched.spawn(task, () => timers.ssleep(0.01)))) >= 10)
})

t.test('a signal ends msleep_interruptible(), which tells what was left', async t => {
  const { sched, task, timers } = machine()
  const sleeping = sched.spawn(task, () => timers.msleep_interruptible(10_000))
  setImmediate(() => sched.signal_wake_up(task))
  const left = await sleeping
  t.ok(left > 5000 && left <= 10_000, String(left))
})

t.test('schedule_timeout() ends when its time is up, or when it is woken', async t => {
  const { sched, task, timers } = machine()
  const patient = () => timers.schedule_timeout_uninterruptible(2)
  t.equal(await sched.spawn(task, patient), 0)

  const sleeping = sched.spawn(task, () => timers.schedule_timeout_interruptible(2500))
  setImmediate(() => sched.wake_up_process(task))
  const left = await sleeping
  t.ok(left > 1000 && left <= 2500, String(left))
})

t.test('mdelay() and udelay() wait without sleeping', async t => {
  const { timers } = machine()
  const start = performance.now()
  timers.mdelay(3)
  timers.udelay(500)
  t.ok(performance.now() - start >= 3.5)
})
