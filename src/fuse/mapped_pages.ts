// The pages that programs have mapped, and what they show: a driver's memory and the host's copies of
// it, made equal again and again.
//
// A copy remembers what it held when both were last equal. A byte that the host's copy has differently
// was written by the program; one that the driver's memory has differently, by the driver.

import type { UserWindow } from '../lib/usercopy.ts'
import type { PageCache } from './page_cache.ts'

const PAGE = 4096
/** How often both are made equal when nobody makes a system call, in milliseconds. */
const INTERVAL = 4
/** Much mapped memory is looked at less often: no more than a part of the time goes there. */
const REST = 4
/** A page that the host has not had so often is gone. */
const MISSES = 500
/** What one answer of the host's carries. */
const PAGES_AT_ONCE = 256

/** A driver's page: its bytes, which are fewer than a page's if its memory ends within it. */
export interface MappedPage {
  readonly bytes: Uint8Array
}

/** What the host gets pages with: it has a length until it is sent. */
type Answer = Pick<UserWindow, 'length'>

/** A page of a file in the host's cache. */
class Copy {
  readonly page: MappedPage
  /** May programs write there? */
  readonly writable: boolean
  /** What both had when they were equal. */
  readonly seen = new Uint8Array(PAGE)
  /** How often in a row the host did not have it. */
  misses = 0
  #answer: Answer | undefined

  constructor(page: MappedPage, writable: boolean, answer: Answer) {
    this.page = page
    this.writable = writable
    this.#answer = answer
    this.seen.set(page.bytes)
  }

  /** The host has a page for it already, but our answer has not filled that yet. */
  get arriving(): boolean {
    if (this.#answer?.length === 0) this.#answer = undefined
    return this.#answer !== undefined
  }

  /** The host's page holds `bytes`: what a program has changed goes to the driver. */
  merge(bytes: Uint8Array): void {
    this.misses = 0
    const { seen, page } = this
    if (Buffer.compare(seen, bytes) === 0) return
    const memory = page.bytes
    for (let i = 0; i < PAGE; i++) {
      const byte = bytes[i] as number
      if (byte === seen[i]) continue
      seen[i] = byte
      if (i < memory.length) memory[i] = byte
    }
  }

  get changed(): boolean {
    const { bytes } = this.page
    return Buffer.compare(this.seen.subarray(0, bytes.length), bytes) !== 0
  }

  /** What the driver has changed: where, and up to where. */
  *changes(): Generator<[number, number]> {
    const { bytes } = this.page
    for (let start = 0; start < bytes.length; start++) {
      if (bytes[start] === this.seen[start]) continue
      let end = start + 1
      while (end < bytes.length && bytes[end] !== this.seen[end]) end++
      yield [start, end]
      start = end
    }
  }
}

export class MappedPages {
  readonly #cache: PageCache
  /** By node id, and by number of the page in the file. */
  readonly #copies = new Map<number, Map<number, Copy>>()
  #timer: NodeJS.Timeout | undefined
  /** One at a time looks at all copies. */
  #turn: Promise<void> = Promise.resolve()

  constructor(cache: PageCache) {
    this.#cache = cache
  }

  /** Has any program mapped anything? */
  get active(): boolean {
    return this.#timer !== undefined
  }

  /** The host gets this page of a file with `answer`: its bytes. */
  add(
    nodeid: number,
    index: number,
    page: MappedPage,
    writable: boolean,
    answer: Answer,
  ): Uint8Array {
    const copies = this.#copies.get(nodeid) ?? new Map<number, Copy>()
    this.#copies.set(nodeid, copies)
    const copy = new Copy(page, writable, answer)
    copies.set(index, copy)
    if (!this.#timer) this.#lookLater(INTERVAL)
    return copy.seen
  }

  /** The host does not have this page any more. */
  drop(nodeid: number, index: number): void {
    this.#copies.get(nodeid)?.delete(index)
  }

  /** Nobody has mapped anything of this file any more. */
  dropAll(nodeid: number): void {
    this.#copies.delete(nodeid)
    if (this.#copies.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** The host hands over a page that was written to; false if it was not known to have it. */
  written(nodeid: number, index: number, bytes: Uint8Array): boolean {
    const copy = this.#copies.get(nodeid)?.get(index)
    copy?.merge(bytes)
    return copy !== undefined
  }

  /** What programs have written goes to the drivers. */
  pull(): Promise<void> {
    return this.#exclusively(() => this.#retrieve(copy => copy.writable))
  }

  /** What drivers have written goes to the programs. */
  push(): Promise<void> {
    return this.#exclusively(async () => {
      await this.#retrieve(copy => copy.changed)
      const stores: Promise<void>[] = []
      for (const [nodeid, copies] of this.#copies)
        for (const [index, copy] of copies) this.#store(nodeid, index, copy, stores)
      await Promise.all(stores)
    })
  }

  #lookLater(delay: number): void {
    this.#timer = setTimeout(() => void this.#look(), delay).unref()
  }

  async #look(): Promise<void> {
    const began = performance.now()
    await this.pull()
    await this.push()
    const took = performance.now() - began
    if (this.active) this.#lookLater(Math.max(INTERVAL, took * REST))
  }

  async #exclusively(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work)
    await this.#turn
  }

  /** Ask the host for its copies of some pages, those in a row at once. */
  async #retrieve(wanted: (copy: Copy) => boolean): Promise<void> {
    const answers: Promise<void>[] = []
    for (const [nodeid, copies] of this.#copies) {
      const indexes = [...copies]
        .filter(([, copy]) => !copy.arriving && wanted(copy))
        .map(([index]) => index)
      for (const row of rows(indexes)) answers.push(this.#merge(nodeid, row))
    }
    await Promise.all(answers)
  }

  /**
   * A page that the host does not have ends its answer. It may only be busy with what we have just sent
   * it; or it has dropped the page, and will ask for it again.
   */
  async #merge(nodeid: number, row: Row): Promise<void> {
    const copies = this.#copies.get(nodeid)
    const before = Array.from({ length: row.count }, (_, i) => copies?.get(row.first + i))
    let there = 0
    const take = (bytes: Uint8Array) => {
      there = Math.floor(bytes.length / PAGE)
      for (const [i, copy] of before.entries()) {
        // It may have been read anew meanwhile: then the answer is about something else.
        if (!copy || i > there || copies?.get(row.first + i) !== copy) continue
        if (i === there) this.#missed(nodeid, row.first + i, copy)
        else copy.merge(bytes.subarray(i * PAGE, (i + 1) * PAGE))
      }
    }
    await this.#cache.retrieve(nodeid, row.first * PAGE, row.count * PAGE, take)
    const left = row.count - there - 1
    if (left > 0) await this.#merge(nodeid, { first: row.first + there + 1, count: left })
  }

  #missed(nodeid: number, index: number, copy: Copy): void {
    if (++copy.misses > MISSES) this.drop(nodeid, index)
  }

  #store(nodeid: number, index: number, copy: Copy, stores: Promise<void>[]): void {
    if (!copy.changed || copy.misses > 0 || copy.arriving) return
    for (const [start, end] of copy.changes()) {
      const bytes = copy.page.bytes.slice(start, end)
      copy.seen.set(bytes, start)
      stores.push(this.#cache.store(nodeid, index * PAGE + start, bytes))
    }
  }
}

interface Row {
  first: number
  count: number
}

/** Numbers as they follow each other; no more in a row than one answer holds. */
function rows(numbers: number[]): Row[] {
  const found: Row[] = []
  for (const n of numbers.toSorted((a, b) => a - b)) {
    const last = found.at(-1)
    if (last && last.first + last.count === n && last.count < PAGES_AT_ONCE) last.count++
    else found.push({ first: n, count: 1 })
  }
  return found
}
