import t from 'tap'
import { timer_list } from '../../../src/include/linux/timer.ts'
import { clockwork } from '../../harness/clockwork.ts'
import { until } from '../../harness/until.ts'

t.test('a timer goes off once, after its time, as a softirq of nobody', async t => {
  const { timers, time, sched } = clockwork(t)
  const seen: { late: number; pid: number; count: number }[] = []
  const timer = new timer_list()
  timers.init_timer_key(
    timer,
    self => {
      const { pid, preempt_count } = sched.current
      seen.push({ late: time.jiffies - self.expires, pid, count: preempt_count })
    },
    0,
  )
  t.equal(timers.mod_timer(timer, time.jiffies + 3), 0)
  t.not(timer.entry, undefined)
  await until(() => seen.length > 0)
  await new Promise(resolve => setTimeout(resolve, 20))
  t.equal(seen.length, 1)
  t.equal(timer.entry, undefined)
  t.match(seen[0], { pid: 0, count: 0x100 })
  t.ok((seen[0]?.late ?? 0) >= 1, 'the whole of its last tick has passed')
})

t.test('of several at one tick, the one started last is the first', async t => {
  const { timers, time } = clockwork(t)
  const order: number[] = []
  const at = time.jiffies + 2
  for (const n of [1, 2, 3]) {
    const timer = new timer_list()
    timers.init_timer_key(timer, () => void order.push(n), 0)
    timers.mod_timer(timer, at)
  }
  await until(() => order.length === 3)
  t.strictSame(order, [3, 2, 1])
})

t.test('a timer starts itself again, until it is stopped', async t => {
  const { timers, time } = clockwork(t)
  let rounds = 0
  const timer = new timer_list()
  timers.init_timer_key(
    timer,
    () => {
      rounds++
      timers.mod_timer(timer, time.jiffies + 1)
    },
    0,
  )
  timers.mod_timer(timer, time.jiffies)
  await until(() => rounds >= 3)
  t.equal(timers.timer_delete_sync(timer), 1)
  t.equal(timers.timer_delete_sync(timer), 0)
  const stopped = rounds
  await new Promise(resolve => setTimeout(resolve, 20))
  t.equal(rounds, stopped)
})

t.test('a timer that is always late leaves time for others', async t => {
  const { timers, time } = clockwork(t)
  const ticks: number[] = []
  const timer = new timer_list()
  timers.init_timer_key(
    timer,
    () => {
      ticks.push(time.jiffies)
      timers.mod_timer(timer, time.jiffies - 100)
    },
    0,
  )
  timers.mod_timer(timer, time.jiffies - 100)
  await new Promise(resolve => setTimeout(resolve, 30))
  timers.timer_delete_sync(timer)
  const passed = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0)
  t.ok(ticks.length > 1 && ticks.length <= passed + 2, `${ticks.length} in ${passed}`)
})

t.test('mod_timer() and its relatives say whether it was running', async t => {
  const { timers, time } = clockwork(t)
  const timer = new timer_list()
  const far = time.jiffies + 10_000
  timers.init_timer_key(timer, () => {}, 0)
  t.equal(timers.mod_timer_pending(timer, far), 0)
  t.equal(timer.entry, undefined, 'it does not start it')
  t.equal(timers.timer_reduce(timer, far), 0)
  t.equal(timers.timer_reduce(timer, far + 1), 1)
  t.equal(timer.expires, far, 'never later')
  t.equal(timers.timer_reduce(timer, far - 1), 1)
  t.equal(timer.expires, far - 1)
  t.equal(timers.mod_timer_pending(timer, far), 1)
  t.equal(timers.mod_timer(timer, far + 2), 1)
  t.equal(timers.timer_shutdown_sync(timer), 1)
  t.equal(timers.mod_timer(timer, far), 0)
  t.equal(timer.entry, undefined, 'it was shut down')
})

t.test('mistakes with timers are reported, and do no harm', async t => {
  const { timers, time, said } = clockwork(t)
  const raw = new timer_list()
  timers.mod_timer(raw, time.jiffies)
  t.strictSame(said.splice(0), ['assert_init not available timer_list'])

  const timer = new timer_list()
  timers.init_timer_key(timer, () => {}, 0)
  timers.mod_timer(timer, time.jiffies + 1000)
  timers.add_timer(timer)
  timers.add_timer(timer)
  t.strictSame(said.splice(0), ['WARN_ON'], 'add_timer() of one that runs: once')
  timers.init_timer_key(timer, () => {}, 0)
  t.strictSame(said.splice(0), ['init active timer_list'])
  t.equal(timer.entry, undefined)
})

t.test('a handler may not wait for itself, lose a lock, or throw', async t => {
  const { timers, time, sched, said } = clockwork(t)
  const start = (fn: (timer: timer_list) => void) => {
    const timer = new timer_list()
    timers.init_timer_key(timer, fn, 0)
    timers.mod_timer(timer, time.jiffies)
  }
  start(timer => void timers.timer_delete_sync(timer))
  await until(() => said.length > 0)
  t.match(said.splice(0), [/del_timer_sync\(\) of a timer from its own function/])

  start(() => void sched.current.preempt_count++)
  await until(() => said.length > 0)
  t.match(said.splice(0), [/preempt leak: 00000100 -> 00000101/])
  t.equal(sched.idle.preempt_count, 0)

  start(() => {
    throw new Error('mine')
  })
  await until(() => said.length > 0)
  t.strictSame(said, ['oops: Error: mine'])
})

t.test('after the machine has halted nothing goes off', async t => {
  const { timers, time, clock } = clockwork(t)
  const timer = new timer_list()
  timers.init_timer_key(timer, () => t.fail('it goes off'), 0)
  timers.mod_timer(timer, time.jiffies)
  clock.halt()
  timers.mod_timer(timer, time.jiffies)
  await new Promise(resolve => setTimeout(resolve, 20))
  t.ok(timer.entry, 'it waits for ever')
})
