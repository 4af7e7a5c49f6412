import t from 'tap'
import {
  TASK_INTERRUPTIBLE,
  TASK_UNINTERRUPTIBLE,
  signal_pending,
} from '../../src/include/linux/sched.ts'
import { wait_queue_head } from '../../src/include/linux/wait.ts'
import { Scheduler, Task } from '../../src/kernel/sched.ts'
import { bareLocks } from '../harness/locks.ts'

const task = (pid: number) => new Task({ pid, uid: 0, gid: 0 })

t.test('current is the caller again after every await', async t => {
  const { sched, wait } = bareLocks(t)
  const wq = new wait_queue_head()
  let turn = 0
  const wrong: string[] = []

  const look = (self: Task, where: string) => {
    if (sched.current !== self)
      wrong.push(`${where}: ${sched.current.pid}, not ${self.pid}`)
  }
  const inner = async (self: Task, until: number) => {
    await wait.wait_event(wq, () => turn >= until)
    look(self, 'inner')
    await Promise.resolve()
    look(self, 'after a promise that was settled')
  }
  const outer = async (self: Task) => {
    for (let round = 1; round <= 5; round++) {
      look(self, 'before')
      await inner(self, round)
      look(self, 'outer')
      turn++
      wait.wake_up_all(wq)
      look(self, 'after waking others')
    }
  }
  const tasks = Array.from({ length: 20 }, (_, i) => task(i + 1))
  const all = tasks.map(self => sched.spawn(self, () => outer(self)))
  const starter = task(99)
  await sched.spawn(starter, () => {
    turn = 1
    wait.wake_up_all(wq)
  })
  await Promise.all(all)

  t.strictSame(wrong, [])
  t.equal(wq.entries.size, 0)
})

t.test('a task that wakes another goes on before the other runs', async t => {
  const sched = new Scheduler()
  const order: string[] = []
  const sleeper = task(1)
  const asleep = sched.spawn(sleeper, async () => {
    sched.set_current_state(TASK_UNINTERRUPTIBLE)
    await sched.schedule()
    order.push(`woken as ${sched.current.pid}`)
  })
  await sched.spawn(task(2), async () => {
    t.equal(sched.wake_up_process(sleeper), true)
    t.equal(sched.wake_up_process(sleeper), false, 'it is awake already')
    order.push('waker')
    await Promise.resolve()
    order.push(`waker, still ${sched.current.pid}`)
  })
  await asleep
  t.strictSame(order, ['waker', 'waker, still 2', 'woken as 1'])
})

t.test('two sleepers woken at once run one after the other, each as itself', async t => {
  const { sched, wait } = bareLocks(t)
  const wq = new wait_queue_head()
  let ready = false
  const steps: string[] = []
  const sleeper = async (self: Task) => {
    await wait.wait_event(wq, () => ready)
    for (let i = 0; i < 3; i++) {
      steps.push(`${self.pid}:${sched.current.pid}`)
      await Promise.resolve()
    }
  }
  const tasks = [task(1), task(2)]
  const both = tasks.map(self => sched.spawn(self, () => sleeper(self)))
  await sched.spawn(task(3), () => {
    ready = true
    wait.wake_up_all(wq)
  })
  await Promise.all(both)
  t.strictSame(steps, ['1:1', '1:1', '1:1', '2:2', '2:2', '2:2'])
})

t.test('a driver may wait for several things at once', async t => {
  const { sched, wait } = bareLocks(t)
  const queues = [new wait_queue_head(), new wait_queue_head(), new wait_queue_head()]
  const ready = [false, false, false]
  const self = task(1)
  const waiting = sched.spawn(self, async () => {
    await Promise.all(
      queues.map(async (wq, i) => wait.wait_event(wq, () => ready[i] === true)),
    )
    t.equal(sched.current, self)
  })
  for (const i of [2, 0, 1]) {
    await sched.spawn(task(2), () => {
      ready[i] = true
      wait.wake_up(queues[i] as wait_queue_head)
    })
  }
  await waiting
  t.strictSame(
    queues.map(wq => wq.entries.size),
    [0, 0, 0],
  )
})

t.test('schedule() in a running task only lets the others have their turn', async t => {
  const sched = new Scheduler()
  const order: string[] = []
  await Promise.all([
    sched.spawn(task(1), async () => {
      order.push('1')
      await sched.schedule()
      order.push(`${sched.current.pid} again`)
    }),
    sched.spawn(task(2), () => void order.push('2')),
  ])
  t.strictSame(order, ['1', '2', '1 again'])
})

t.test(
  'a signal ends interruptible sleeps, and keeps new ones from beginning',
  async t => {
    const sched = new Scheduler()
    const self = task(1)
    const asleep = sched.spawn(self, async () => {
      sched.set_current_state(TASK_INTERRUPTIBLE)
      await sched.schedule()
      sched.set_current_state(TASK_INTERRUPTIBLE)
      await sched.schedule()
      return signal_pending(sched.current)
    })
    await sched.spawn(task(2), () => sched.signal_wake_up(self))
    t.equal(await asleep, true)
  },
)

t.test('when nobody runs, current is the idle task', async t => {
  const sched = new Scheduler()
  t.equal(sched.current.comm, 'swapper/0')
  await sched.spawn(task(7), () => {})
  await new Promise(resolve => setImmediate(resolve))
  t.equal(sched.current.pid, 0)
})

t.test('what a call throws is its own, and the next task runs', async t => {
  const sched = new Scheduler()
  const failing = sched.spawn(task(1), () => {
    throw new Error('mine')
  })
  const next = sched.spawn(task(2), () => sched.current.pid)
  await t.rejects(failing, { message: 'mine' })
  t.equal(await next, 2)
})
