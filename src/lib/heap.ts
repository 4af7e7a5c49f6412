// A heap: what comes first is at hand, however many there are. Linux: lib/timerqueue.c does this with
// a tree.

export class Heap<T> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    this.#items.push(item)
    this.#up(this.#items.length - 1)
  }

  /** Take out the first. */
  shift(): T | undefined {
    const first = this.#items[0]
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) {
      this.#items[0] = last
      this.#down(0)
    }
    return first
  }

  /** Drop all others. */
  keep(wanted: (item: T) => boolean): void {
    const kept = this.#items.filter(wanted)
    this.#items.length = 0
    for (const item of kept) this.add(item)
  }

  #up(start: number): void {
    let at = start
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#swapIf(at, parent)) return
      at = parent
    }
  }

  #down(start: number): void {
    let at = start
    for (;;) {
      const left = 2 * at + 1
      const right = left + 1
      if (left >= this.#items.length) return
      const child =
        right < this.#items.length && this.#isBefore(right, left) ? right : left
      if (!this.#swapIf(child, at)) return
      at = child
    }
  }

  #isBefore(a: number, b: number): boolean {
    return this.#before(this.#items[a] as T, this.#items[b] as T)
  }

  /** Swap two places if what is at `a` belongs before what is at `b`. */
  #swapIf(a: number, b: number): boolean {
    if (!this.#isBefore(a, b)) return false
    const items = this.#items
    ;[items[a], items[b]] = [items[b] as T, items[a] as T]
    return true
  }
}
