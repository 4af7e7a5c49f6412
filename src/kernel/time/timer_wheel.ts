// Where timers wait: buckets of those that go off at the same tick. Linux: kernel/time/timer.c.
//
// As in Linux, the further away, the coarser: beyond 63 ticks a timer shares its bucket with those of
// the next 8 ticks, beyond 504 with those of 64, and so on. It is always rounded up, so none
// goes off early, and there are never more than some hundred buckets however many timers there are.

import type { timer_bucket, timer_list } from '../../include/linux/timer.ts'

/** Each level is 8 times coarser than the one before. */
const LVL_CLK_SHIFT = 3
const LVL_SIZE = 64
const LVL_DEPTH = 9

const levelStart = (level: number): number =>
  (LVL_SIZE - 1) * 2 ** ((level - 1) * LVL_CLK_SHIFT)

/** Timers further away go off then, and Linux's as well: 12 days at 250 ticks a second. */
const WHEEL_TIMEOUT_CUTOFF = levelStart(LVL_DEPTH)
const WHEEL_TIMEOUT_MAX = WHEEL_TIMEOUT_CUTOFF - 2 ** ((LVL_DEPTH - 1) * LVL_CLK_SHIFT)

export class TimerWheel {
  readonly #buckets = new Map<number, timer_bucket>()
  /** The first tick with a bucket; undefined if it has to be looked for. */
  #first: number | undefined = Infinity

  /** Let `timer` wait, from the tick `clk` on; the tick at which it will go off. */
  enqueue(timer: timer_list, clk: number): number {
    const tick = bucketExpiry(timer.expires, clk)
    let bucket = this.#buckets.get(tick)
    if (!bucket) {
      bucket = { tick, timers: new Set() }
      this.#buckets.set(tick, bucket)
      if (this.#first !== undefined) this.#first = Math.min(this.#first, tick)
    }
    bucket.timers.add(timer)
    timer.entry = bucket
    return tick
  }

  /** Take `timer` out, if it is waiting. */
  detach(timer: timer_list): boolean {
    const bucket = timer.entry
    timer.entry = undefined
    if (!bucket?.timers.delete(timer)) return false
    const { tick, timers } = bucket
    if (timers.size === 0 && this.#buckets.get(tick) === bucket) this.#drop(tick)
    return true
  }

  /** The tick at which the next timer goes off, Infinity if there is none. */
  next(): number {
    this.#first ??= Math.min(...this.#buckets.keys())
    return this.#first
  }

  /** The timers of `tick`, which are no longer in the wheel. */
  collect(tick: number): timer_list[] {
    const timers = this.#buckets.get(tick)?.timers ?? []
    this.#drop(tick)
    return Array.from(timers)
  }

  /** How many timers wait. */
  get size(): number {
    return Array.from(this).length
  }

  /** All timers, in no order. */
  *[Symbol.iterator](): Generator<timer_list> {
    for (const { timers } of this.#buckets.values()) yield* timers
  }

  #drop(tick: number): void {
    this.#buckets.delete(tick)
    if (tick === this.#first) this.#first = undefined
  }
}

/** When a timer for the tick `expires` goes off, seen from the tick `clk`. */
export function bucketExpiry(expires: number, clk: number): number {
  const delta = expires - clk
  if (delta < 0) return clk
  if (delta >= WHEEL_TIMEOUT_CUTOFF)
    return roundUp(clk + WHEEL_TIMEOUT_MAX, LVL_DEPTH - 1)
  let level = 0
  while (delta >= levelStart(level + 1)) level++
  return roundUp(expires, level)
}

/** The next tick of that level that is later than `expires`. */
function roundUp(expires: number, level: number): number {
  const step = 2 ** (level * LVL_CLK_SHIFT)
  return (Math.floor(expires / step) + 1) * step
}
