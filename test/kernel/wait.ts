import t from 'tap'
import { ERESTARTSYS } from '../../src/include/linux/errno.ts'
import {
  TASK_INTERRUPTIBLE,
  TASK_UNINTERRUPTIBLE,
} from '../../src/include/linux/sched.ts'
import {
  WQ_FLAG_EXCLUSIVE,
  wait_queue_head,
  waitqueue_active,
} from '../../src/include/linux/wait.ts'
import { Task } from '../../src/kernel/sched.ts'
import { bareLocks } from '../harness/locks.ts'

interface Sleeper {
  task: Task
  done: Promise<number>
}

const HOW = {
  wait_event: [TASK_UNINTERRUPTIBLE, 0],
  wait_event_interruptible: [TASK_INTERRUPTIBLE, 0],
  wait_event_exclusive: [TASK_UNINTERRUPTIBLE, WQ_FLAG_EXCLUSIVE],
  wait_event_interruptible_exclusive: [TASK_INTERRUPTIBLE, WQ_FLAG_EXCLUSIVE],
} as const

/** A queue, and a way to sleep in it and to act beside the sleepers. */
function queue() {
  const { sched, wait } = bareLocks()
  const wq = new wait_queue_head()
  let pid = 0
  const newTask = () => new Task({ pid: ++pid, uid: 0, gid: 0 })
  const asleep = (how: keyof typeof HOW, condition: () => boolean): Sleeper => {
    const task = newTask()
    const [state, flags] = HOW[how]
    const sleep = () => wait.wait_event_state(wq, condition, state, flags)
    return { task, done: sched.spawn(task, sleep) }
  }
  const act = (what: () => void) => sched.spawn(newTask(), what)
  return { sched, wait, wq, asleep, act }
}

t.test('a condition that holds is not waited for', async t => {
  const { wait, wq } = queue()
  t.equal(
    wait.wait_event(wq, () => true),
    0,
  )
  t.equal(
    wait.wait_event_interruptible(wq, () => true),
    0,
  )
  t.equal(waitqueue_active(wq), false)
})

t.test(
  'a wake-up between the look at the condition and the sleep is not lost',
  async t => {
    const { wait, wq, asleep } = queue()
    let looks = 0
    // The second look comes after getting in line: what wakes then must not pass by.
    const { done } = asleep('wait_event', () => {
      if (++looks === 2) wait.wake_up(wq)
      return looks >= 2
    })
    t.equal(await done, 0)
    t.equal(waitqueue_active(wq), false)
  },
)

t.test('who is woken in vain sleeps on', async t => {
  const { wait, wq, asleep, act } = queue()
  let ready = false
  const { done } = asleep('wait_event_interruptible', () => ready)
  await act(() => wait.wake_up(wq))
  await act(() => t.equal(waitqueue_active(wq), true))
  await act(() => {
    ready = true
    wait.wake_up(wq)
  })
  t.equal(await done, 0)
})

t.test('wake_up() lets exclusive waiters go one at a time, in their order', async t => {
  const { wait, wq, asleep, act } = queue()
  let items = 0
  const order: number[] = []
  const take = (n: number) => () => {
    if (items === 0) return false
    items--
    order.push(n)
    return true
  }
  const sleepers = [1, 2, 3].map(n =>
    asleep('wait_event_interruptible_exclusive', take(n)),
  )
  const put = () => {
    items++
    wait.wake_up(wq)
  }
  await act(put)
  await act(() => t.strictSame(order, [1]))
  await act(() => {
    put()
    put()
  })
  await Promise.all(sleepers.map(({ done }) => done))
  t.strictSame(order, [1, 2, 3], 'two wake-ups in a row wake two')
})

t.test(
  'wake_up() wakes all who are not exclusive, wherever they stand in line',
  async t => {
    const { wait, wq, asleep, act } = queue()
    let ready = false
    const exclusive = asleep('wait_event_exclusive', () => ready)
    const second = asleep('wait_event_exclusive', () => ready)
    const plain = asleep('wait_event', () => ready)
    await act(() => {
      ready = true
      wait.wake_up(wq)
    })
    await Promise.all([exclusive.done, plain.done])
    t.equal(wq.exclusive.size, 1, 'the second exclusive one sleeps on')
    await act(() => wait.wake_up(wq))
    await second.done
  },
)

t.test('wake_up_all() wakes the exclusive ones too', async t => {
  const { wait, wq, asleep, act } = queue()
  let ready = false
  const all = [1, 2, 3].map(() => asleep('wait_event_exclusive', () => ready))
  await act(() => {
    ready = true
    wait.wake_up_all(wq)
  })
  await Promise.all(all.map(({ done }) => done))
  t.equal(waitqueue_active(wq), false)
})

t.test('wake_up_interruptible() passes over sleeps that no signal can end', async t => {
  const { wait, wq, asleep, act } = queue()
  let ready = false
  const hard = asleep('wait_event', () => ready)
  const soft = asleep('wait_event_interruptible', () => ready)
  await act(() => {
    ready = true
    wait.wake_up_interruptible(wq)
  })
  await soft.done
  t.equal(wq.entries.size, 1)
  await act(() => wait.wake_up_interruptible_all(wq))
  await act(() => t.equal(wq.entries.size, 1))
  await act(() => wait.wake_up(wq))
  await hard.done
})

t.test('a signal ends interruptible sleeps only', async t => {
  const { sched, wait, wq, asleep, act } = queue()
  let ready = false
  const hard = asleep('wait_event', () => ready)
  const soft = asleep('wait_event_interruptible', () => ready)
  await act(() => {
    sched.signal_wake_up(hard.task)
    sched.signal_wake_up(soft.task)
  })
  t.equal(await soft.done, -ERESTARTSYS)
  t.equal(wq.entries.size, 1)
  await act(() => {
    ready = true
    wait.wake_up(wq)
  })
  t.equal(await hard.done, 0)
})

t.test('a condition that has come true goes before a signal', async t => {
  const { sched, wq, asleep, act } = queue()
  let ready = false
  const { task, done } = asleep('wait_event_interruptible', () => ready)
  await act(() => {
    ready = true
    sched.signal_wake_up(task)
  })
  t.equal(await done, 0)
  t.equal(waitqueue_active(wq), false)
})
