import t from 'tap'
import { timer_list } from '../../../src/include/linux/timer.ts'
import { bucketExpiry, TimerWheel } from '../../../src/kernel/time/timer_wheel.ts'

const NOW = 2 ** 20

function timerAt(expires: number): timer_list {
  const timer = new timer_list()
  timer.expires = expires
  return timer
}

t.test('the further away, the coarser, and never early', async t => {
  const ticks = new Map([
    [-5, 0],
    [0, 1],
    [62, 63],
    [63, 64],
    [64, 72],
    [503, 504],
    [504, 512],
    [4031, 4032],
    [4032, 4096],
  ])
  for (const [delta, expected] of ticks) {
    t.equal(bucketExpiry(NOW + delta, NOW), NOW + expected, `in ${delta} ticks`)
  }
})

t.test('12 days are the longest', async t => {
  const longest = bucketExpiry(NOW + 2 ** 50, NOW) - NOW
  t.ok(longest > 11 * 86400 * 250 && longest <= 63 * 8 ** 8, String(longest))
})

t.test('buckets come in order, each with all of its timers', async t => {
  const wheel = new TimerWheel()
  const [late, early, twin] = [timerAt(NOW + 30), timerAt(NOW + 3), timerAt(NOW + 3)]
  for (const timer of [late, early, twin]) wheel.enqueue(timer, NOW)
  t.equal(wheel.next(), NOW + 4)
  t.strictSame(wheel.collect(NOW + 3), [])
  t.strictSame(wheel.collect(wheel.next()), [early, twin])
  t.equal(wheel.next(), NOW + 31)
  t.strictSame(wheel.collect(wheel.next()), [late])
  t.equal(wheel.next(), Infinity)
})

t.test('what is taken out leaves no bucket behind', async t => {
  const wheel = new TimerWheel()
  const timer = timerAt(NOW)
  wheel.enqueue(timer, NOW)
  t.equal(wheel.detach(timer), true)
  t.equal(wheel.detach(timer), false)
  t.equal(wheel.next(), Infinity)
})

t.test('10,000 timers that are moved 100 times keep few buckets', async t => {
  const wheel = new TimerWheel()
  const timers = Array.from({ length: 10_000 }, () => timerAt(0))
  for (let round = 0; round < 100; round++) {
    for (const [i, timer] of timers.entries()) {
      wheel.detach(timer)
      timer.expires = NOW + round + i
      wheel.enqueue(timer, NOW + round)
    }
  }
  let buckets = 0
  while (wheel.collect(wheel.next()).length > 0) buckets++
  t.ok(buckets < 600, String(buckets))
})
