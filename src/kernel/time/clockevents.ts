// The machine's alarm clock: one timer of the host's, set to the earliest time that anybody waits
// for. Linux: kernel/time/clockevents.c.

/** The longest that the host's timer can be set to, in milliseconds. */
const LONGEST = 2 ** 31 - 1

export class ClockEvents {
  /** What is to be called, and when, on the clock of performance.now(). */
  readonly #alarms = new Map<() => void, number>()
  #timer: NodeJS.Timeout | undefined
  /** What the timer is set to. */
  #at = Infinity
  #holders = 0
  /** How often it has rung. */
  rings = 0
  #halted = false

  /** Call `ring` at `at`, at the top of the stack, instead of when it was told before; Infinity: never. */
  program(ring: () => void, at: number): void {
    this.#alarms.set(ring, at)
    this.#arm()
  }

  /**
   * Somebody outside waits for the machine. Only as long as somebody does, its timers keep the host's
   * process from ending.
   */
  hold(): void {
    if (++this.#holders === 1) this.#timer?.ref()
  }

  release(): void {
    if (--this.#holders === 0) this.#timer?.unref()
  }

  /** The machine has stopped: nothing goes off any more. */
  halt(): void {
    this.#halted = true
    clearTimeout(this.#timer)
  }

  /** A timer that is early enough is left as it is. */
  #arm(): void {
    const at = Math.min(...this.#alarms.values())
    if (this.#halted || at >= this.#at) return
    clearTimeout(this.#timer)
    this.#at = at
    const delay = Math.ceil(at - performance.now())
    this.#timer = setTimeout(() => this.#expire(), Math.min(Math.max(delay, 1), LONGEST))
    if (this.#holders === 0) this.#timer.unref()
  }

  /** The host's timers may be a little early, Linux's never are: then it is set once more. */
  #expire(): void {
    this.#at = Infinity
    this.rings++
    const now = performance.now()
    for (const [ring, at] of this.#alarms) {
      if (at > now) continue
      this.#alarms.set(ring, Infinity)
      ring()
    }
    this.#arm()
  }
}
