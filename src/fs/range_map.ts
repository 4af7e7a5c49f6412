// Values by ranges of numbers, found as fast among ten thousand as among ten. Linux: drivers/base/map.c.
//
// Ranges of one length are kept by which stretches of that length they touch: two at most. A look-up
// therefore tries each length there is, the shortest first; few lengths are ever in use.

interface Range<T> {
  first: number
  value: T
}

type Stretches<T> = Map<number, Range<T>[]>

export class RangeMap<T> {
  /** Shortest first. */
  #lengths: { count: number; stretches: Stretches<T> }[] = []

  /** Let `value` stand for [first, first + count). */
  add(first: number, count: number, value: T): void {
    const stretches = this.#stretches(count)
    for (const key of touched(first, count)) {
      stretches.set(key, [{ first, value }, ...(stretches.get(key) ?? [])])
    }
  }

  remove(first: number, count: number, value: T): void {
    const stretches = this.#lengths.find(length => length.count === count)?.stretches
    if (!stretches) return
    for (const key of touched(first, count)) {
      const left = (stretches.get(key) ?? []).filter(range => range.value !== value)
      if (left.length > 0) stretches.set(key, left)
      else stretches.delete(key)
    }
    if (stretches.size === 0) {
      this.#lengths = this.#lengths.filter(length => length.count !== count)
    }
  }

  /** Of the ranges that `n` is in, the shortest; of those, the one that came last. */
  find(n: number): T | undefined {
    for (const { count, stretches } of this.#lengths) {
      const ranges = stretches.get(Math.floor(n / count)) ?? []
      const found = ranges.find(({ first }) => n >= first && n < first + count)
      if (found) return found.value
    }
    return undefined
  }

  #stretches(count: number): Stretches<T> {
    const known = this.#lengths.find(length => length.count === count)
    if (known) return known.stretches
    const stretches: Stretches<T> = new Map()
    this.#lengths.push({ count, stretches })
    this.#lengths.sort((a, b) => a.count - b.count)
    return stretches
  }
}

function touched(first: number, count: number): Set<number> {
  return new Set([Math.floor(first / count), Math.floor((first + count - 1) / count)])
}
