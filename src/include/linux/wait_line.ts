// A line of people, from which each can go at any time, and who stands first is known at once, however
// many there are. Linux: struct list_head, as <linux/wait.h> uses it.

/** @internal One who can stand in one line at a time. */
export interface in_line<T extends in_line<T>> {
  line: wait_line<T> | undefined
  before: T | undefined
  behind: T | undefined
}

/** @internal */
export class wait_line<T extends in_line<T>> {
  first: T | undefined = undefined
  last: T | undefined = undefined
  size = 0

  /** Stand behind the last, coming from wherever one was. */
  add(one: T): void {
    one.line?.delete(one)
    one.line = this
    one.before = this.last
    if (this.last) this.last.behind = one
    else this.first = one
    this.last = one
    this.size++
  }

  delete(one: T): void {
    if (one.line !== this) return
    const { before, behind } = one
    if (before) before.behind = behind
    else this.first = behind
    if (behind) behind.before = before
    else this.last = before
    one.line = one.before = one.behind = undefined
    this.size--
  }

  clear(): void {
    while (this.first) this.delete(this.first)
  }

  /** As they stand now. */
  all(): T[] {
    const all: T[] = []
    for (let one = this.first; one; one = one.behind) all.push(one)
    return all
  }
}
