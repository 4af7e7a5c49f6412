import t from 'tap'
import {
  CLOCK_MONOTONIC,
  CLOCK_REALTIME,
  hrtimer,
  HRTIMER_MODE_ABS,
  HRTIMER_MODE_REL,
  HRTIMER_MODE_REL_SOFT,
  HRTIMER_NORESTART,
  HRTIMER_RESTART,
} from '../../../src/include/linux/hrtimer.ts'
import { ms_to_ktime } from '../../../src/include/linux/ktime.ts'
import { clockwork } from '../../harness/clockwork.ts'
import { until } from '../../harness/until.ts'

t.test(
  'it goes off in the order of times, never early, in interrupt context',
  async t => {
    const { hrtimers, timekeeping, sched } = clockwork(t)
    const seen: string[] = []
    const start = (name: string, ms: number, mode: number, clock = CLOCK_MONOTONIC) => {
      const timer = new hrtimer()
      hrtimers.hrtimer_init(timer, clock, mode)
      timer.function = self => {
        const count = sched.current.preempt_count.toString(16)
        const isEarly = hrtimers.hrtimer_cb_get_time(self) < (self as hrtimer).expires
        seen.push(`${name} ${count} ${isEarly}`)
        return HRTIMER_NORESTART
      }
      const now = mode & HRTIMER_MODE_REL ? 0n : hrtimers.hrtimer_cb_get_time(timer)
      hrtimers.hrtimer_start_range_ns(timer, now + ms_to_ktime(ms), 0, mode)
    }
    start('third', 12, HRTIMER_MODE_ABS)
    start('first', 2, HRTIMER_MODE_REL)
    start('second', 7, HRTIMER_MODE_ABS, CLOCK_REALTIME)
    start('soft', 20, HRTIMER_MODE_REL_SOFT)
    await until(() => seen.length === 4)
    t.strictSame(seen, [
      'first 10000 false',
      'second 10000 false',
      'third 10000 false',
      'soft 100 false',
    ])
    t.ok(timekeeping.ktime_get() > 0n)
  },
)

t.test('it goes on as long as its function says so', async t => {
  const { hrtimers } = clockwork(t)
  const timer = new hrtimer()
  let rounds = 0
  hrtimers.hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL)
  timer.function = () => {
    const now = hrtimers.hrtimer_cb_get_time(timer)
    t.ok(hrtimers.hrtimer_forward(timer, now, ms_to_ktime(1)) >= 1n)
    t.ok(timer.expires > now)
    return ++rounds < 3 ? HRTIMER_RESTART : HRTIMER_NORESTART
  }
  hrtimers.hrtimer_start_range_ns(timer, ms_to_ktime(1), 0, HRTIMER_MODE_REL)
  await until(() => rounds === 3)
  t.equal(hrtimers.hrtimer_active(timer), false)
})

t.test('it is stopped; starting it again moves it', async t => {
  const { hrtimers, said } = clockwork(t)
  const timer = new hrtimer()
  hrtimers.hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL)
  timer.function = () => {
    t.fail('it was stopped')
    return HRTIMER_NORESTART
  }
  const start = () =>
    hrtimers.hrtimer_start_range_ns(timer, ms_to_ktime(5), 0, HRTIMER_MODE_REL)
  for (let i = 0; i < 1000; i++) start()
  t.ok(hrtimers.hrtimer_get_remaining(timer) <= ms_to_ktime(5))
  t.equal(hrtimers.hrtimer_try_to_cancel(timer), 1)
  t.equal(hrtimers.hrtimer_cancel(timer), 0)
  start()
  hrtimers.hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL)
  t.strictSame(said, ['init active hrtimer'])
  await new Promise(resolve => setTimeout(resolve, 15))
})

t.test('hrtimer_forward() counts the intervals that have passed', async t => {
  const { hrtimers } = clockwork(t)
  const timer = new hrtimer()
  timer.expires = 100n
  t.equal(hrtimers.hrtimer_forward(timer, 99n, 10n), 0n)
  t.equal(hrtimers.hrtimer_forward(timer, 100n, 10n), 1n)
  t.equal(timer.expires, 110n)
  t.equal(hrtimers.hrtimer_forward(timer, 145n, 10n), 4n)
  t.equal(timer.expires, 150n)
})

t.test('one that is restarted without being moved leaves time for others', async t => {
  const { hrtimers } = clockwork(t)
  const timer = new hrtimer()
  let rounds = 0
  hrtimers.hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL)
  timer.function = () => {
    rounds++
    return HRTIMER_RESTART
  }
  hrtimers.hrtimer_start_range_ns(timer, 0n, 0, HRTIMER_MODE_REL)
  await until(() => rounds > 2)
  t.equal(hrtimers.hrtimer_cancel(timer), 1)
})

t.test('of two that are due, the first may stop the second', async t => {
  const { hrtimers, timekeeping } = clockwork(t)
  const at = timekeeping.ktime_get() + ms_to_ktime(2)
  const timers = [new hrtimer(), new hrtimer(), new hrtimer()]
  const seen: number[] = []
  for (const [i, timer] of timers.entries()) {
    const mode = i === 2 ? HRTIMER_MODE_REL_SOFT : HRTIMER_MODE_REL
    hrtimers.hrtimer_init(timer, CLOCK_MONOTONIC, mode)
    timer.function = () => {
      seen.push(i)
      const others = timers.filter(other => other !== timer)
      t.strictSame(
        others.map(other => hrtimers.hrtimer_cancel(other)),
        [1, 1],
      )
      return HRTIMER_NORESTART
    }
    hrtimers.hrtimer_start_range_ns(timer, at, 0, HRTIMER_MODE_ABS)
  }
  const end = performance.now() + 6
  while (performance.now() < end); // all three are due at once
  await until(() => seen.length > 0)
  await new Promise(resolve => setTimeout(resolve, 10))
  t.strictSame(seen, [0])
})
