import t from 'tap'
import * as j from '../../src/include/linux/jiffies.ts'
import * as k from '../../src/include/linux/ktime.ts'
import * as ts from '../../src/include/linux/time64.ts'
import { Timekeeping } from '../../src/kernel/time/timekeeping.ts'

t.test('ticks round up, times from ticks down', async t => {
  t.strictSame(
    [0, 1, 4, 5, 1000].map(ms => j.msecs_to_jiffies(ms)),
    [0, 1, 1, 2, 250],
  )
  t.equal(j.msecs_to_jiffies(-1), j.MAX_JIFFY_OFFSET)
  t.equal(j.usecs_to_jiffies(4001), 2)
  t.equal(j.nsecs_to_jiffies(7_999_999), 1)
  t.equal(j.nsecs_to_jiffies(8_000_000n), 2)
  t.equal(j.jiffies_to_msecs(3), 12)
  t.equal(j.jiffies_to_nsecs(3), 12_000_000n)
  t.equal(j.timespec64_to_jiffies(new ts.timespec64(1, 1)), 251)
  const value = new ts.timespec64()
  j.jiffies_to_timespec64(251, value)
  t.match(value, { tv_sec: 1, tv_nsec: 4_000_000 })
})

t.test('times of 32 bits are compared across their wrap', async t => {
  const before = 2 ** 32 - 10
  const after = (before + 20) >>> 0
  t.equal(j.time_after(after, before), false, 'not so those of 64')
  t.equal(j.time_after32(after, before), true)
  t.equal(j.time_before32(before, after), true)
  t.equal(j.time_after32(before, after), false)
  t.ok(j.time_in_range(5, 5, 7) && j.time_in_range(7, 5, 7))
  t.notOk(j.time_in_range_open(7, 5, 7))
})

t.test('ktime_t is exact, and wraps as 64 bits do', async t => {
  const now = k.ktime_set(1_700_000_000, 123_456_789)
  t.equal(now, 1_700_000_000_123_456_789n)
  t.equal(k.ktime_to_us(now), 1_700_000_000_123_456)
  t.equal(k.ktime_to_ms(k.ktime_add_ms(now, 7)), 1_700_000_000_130)
  t.equal(k.ktime_us_delta(k.ktime_add_us(now, 5), now), 5)
  t.equal(k.ktime_sub(1n, 2n), -1n)
  t.equal(k.ktime_add(k.KTIME_MAX, 1n), -k.KTIME_MAX - 1n)
  t.equal(k.ktime_set(k.KTIME_SEC_MAX, 0), k.KTIME_MAX)
  t.strictSame([k.ktime_compare(1n, 2n), k.ktime_after(2n, 1n)], [-1, true])
  t.equal(k.ktime_divns(1_000_000n, 3), 333_333n)
})

t.test('a timespec64 keeps its nanoseconds within a second', async t => {
  const a = new ts.timespec64(5, 900_000_000)
  const b = new ts.timespec64(2, 200_000_000)
  t.match(ts.timespec64_add(a, b), { tv_sec: 8, tv_nsec: 100_000_000 })
  t.match(ts.timespec64_sub(b, a), { tv_sec: -4, tv_nsec: 300_000_000 })
  t.equal(ts.timespec64_compare(a, b), 1)
  t.match(ts.ns_to_timespec64(-1n), { tv_sec: -1, tv_nsec: 999_999_999 })
  t.equal(ts.timespec64_to_ns(a), 5_900_000_000n)
})

t.test('the clocks agree with those of the host', async t => {
  const clock = new Timekeeping(performance.now())
  for (let i = 0; i < 1000; i++) {
    const before = Date.now()
    const real = k.ktime_to_ms(clock.ktime_get_with_offset(k.TK_OFFS_REAL))
    t.ok(real >= before && real <= Date.now(), 'the time of day')
  }
  const first = clock.ktime_get()
  t.ok(clock.ktime_get() >= first && first >= 0n)
  const coarse = new ts.timespec64()
  clock.ktime_get_coarse_real_ts64(coarse)
  t.equal(coarse.tv_nsec % j.TICK_NSEC, 0)
  t.ok(Math.abs(coarse.tv_sec - clock.ktime_get_real_seconds()) <= 1)
})
