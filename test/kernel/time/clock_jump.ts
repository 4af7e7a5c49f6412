// The host's clock is an hour further all at once, as when it was asleep: its CLOCK_MONOTONIC, which
// performance.now() is, does not count that.
import t, { type Test } from 'tap'
import { jiffies_to_msecs } from '../../../src/include/linux/jiffies.ts'
import { NSEC_PER_SEC } from '../../../src/include/linux/time64.ts'
import { TK_OFFS_REAL } from '../../../src/include/linux/timekeeping.ts'
import { boot } from '../../harness/machine.ts'
import { clockwork } from '../../harness/clockwork.ts'

const HOUR_MS = 3_600_000
/** So much may pass while the test looks. */
const A_WHILE_MS = 60_000

function jump(t: Test, ms: number): void {
  const { now } = Date
  t.teardown(() => void (Date.now = now))
  Date.now = () => now() + ms
}

for (const [way, ms] of [
  ['forward', HOUR_MS],
  ['back', -HOUR_MS],
] as const) {
  t.test(`jiffies and timers go on when the time of day jumps ${way}`, async t => {
    const { time, timekeeping, timeouts, sched } = clockwork(t)
    const [ticks, mono] = [time.jiffies, timekeeping.ktime_get()]
    const real = timekeeping.ktime_get_with_offset(TK_OFFS_REAL)
    jump(t, ms)
    t.ok(jiffies_to_msecs(time.jiffies - ticks) < A_WHILE_MS)
    t.ok(Number(timekeeping.ktime_get() - mono) < A_WHILE_MS * 1e6)
    const later = timekeeping.ktime_get_with_offset(TK_OFFS_REAL)
    const jumped = Number(later - real) / NSEC_PER_SEC
    t.ok(
      Math.abs(jumped - ms / 1000) < A_WHILE_MS / 1000,
      'the time of day is the new one',
    )

    let isOver = false
    const asleep = sched.spawn(sched.idle, async () => {
      await timeouts.schedule_timeout_uninterruptible(25)
      isOver = true
    })
    t.notOk(isOver, 'no timer is due for it')
    await asleep
    t.ok(isOver, 'and none waits for it')
  })

  t.test(`the log and uptime go on when it jumps ${way}`, async t => {
    const { kernel, user } = await boot(t)
    const before = kernel.log.usec()
    jump(t, ms)
    const passed = kernel.log.usec() - before
    t.ok(passed >= 0 && passed < A_WHILE_MS * 1000)
    t.ok(
      Number.parseFloat(String(await user.readFile('/proc/uptime'))) < A_WHILE_MS / 1000,
    )
  })
}
