// A class of locks: those that were made at the same place. What is known of the order in which locks
// are taken, and of the contexts, is known of classes. Linux: struct lock_class in
// include/linux/lockdep_types.h.

import type { Frame } from '../stack.ts'

/** A state that a class can be in, as a bit: 4 * context + 2 * enabled + read. */
export const USED_IN_HARDIRQ = 1 << 0
export const ENABLED_HARDIRQ = 1 << 2
export const USED_IN_SOFTIRQ = 1 << 4
export const ENABLED_SOFTIRQ = 1 << 6

const READ_SHIFT = 1
const ENABLED_SHIFT = 2

/** The bit of `usage` for readers. */
export const forReaders = (usage: number): number => usage << READ_SHIFT

const CONTEXTS: [number, string][] = [
  [USED_IN_HARDIRQ, 'HARDIRQ'],
  [USED_IN_SOFTIRQ, 'SOFTIRQ'],
]

export class LockClass {
  readonly name: string
  /** LD_WAIT_* */
  readonly wait_type: number
  /** Classes of which locks were taken under one of this, and how that came. */
  readonly after = new Map<LockClass, Frame[]>()
  /** The states it has been in, and how it came into each first. */
  usage = 0
  readonly traces = new Map<number, Frame[]>()

  constructor(name: string, wait_type: number) {
    this.name = name
    this.wait_type = wait_type
  }

  /** "(name){+.+.}-{3:3}" */
  toString(): string {
    const usage = CONTEXTS.flatMap(([bit]) => [bit, forReaders(bit)])
      .map(bit => this.#usageChar(bit))
      .join('')
    return `(${this.name}){${usage}}-{${this.wait_type}:${this.wait_type}}`
  }

  /** The state it has been in that does not go with `bit`; 0 if all is well. */
  conflict(bit: number): number {
    const opposite =
      bit & EVER_ENABLED ? bit >> ENABLED_SHIFT : (bit << ENABLED_SHIFT) >>> 0
    if (this.usage & opposite & WRITERS) return opposite
    if (bit & WRITERS) return this.usage & (opposite | forReaders(opposite))
    return this.usage & (opposite >> READ_SHIFT)
  }

  /** The classes that lead from this one to `target`, both included; undefined if none do. */
  pathTo(target: LockClass): LockClass[] | undefined {
    const cameFrom = new Map<LockClass, LockClass | undefined>([[this, undefined]])
    for (const at of cameFrom.keys()) {
      if (at === target) return pathBack(cameFrom, target)
      for (const next of at.after.keys()) if (!cameFrom.has(next)) cameFrom.set(next, at)
    }
    return undefined
  }

  #usageChar(usedIn: number): string {
    const isUsedIn = (this.usage & usedIn) !== 0
    const wasEnabled = (this.usage & (usedIn << ENABLED_SHIFT)) !== 0
    if (wasEnabled) return isUsedIn ? '?' : '+'
    return isUsedIn ? '-' : '.'
  }
}

const WRITERS = USED_IN_HARDIRQ | ENABLED_HARDIRQ | USED_IN_SOFTIRQ | ENABLED_SOFTIRQ
const EVER_ENABLED =
  ENABLED_HARDIRQ |
  ENABLED_SOFTIRQ |
  forReaders(ENABLED_HARDIRQ) |
  forReaders(ENABLED_SOFTIRQ)

/** "IN-SOFTIRQ-W", "HARDIRQ-ON-R". */
export function usageName(bit: number): string {
  const [, context = ''] =
    CONTEXTS.find(([first]) => bit >= first && bit < first << 4) ?? []
  const letter = bit & WRITERS ? 'W' : 'R'
  return bit & EVER_ENABLED ? `${context}-ON-${letter}` : `IN-${context}-${letter}`
}

function pathBack(
  cameFrom: ReadonlyMap<LockClass, LockClass | undefined>,
  target: LockClass,
): LockClass[] {
  const path: LockClass[] = []
  for (let at: LockClass | undefined = target; at; at = cameFrom.get(at)) path.unshift(at)
  return path
}
