// /proc/sys: settings, each owned by the part of the kernel it sets. Linux: kernel/sysctl.c.

import { EINVAL, EPERM } from '../include/linux/errno.ts'
import type { errno_t } from '../include/linux/types.ts'

/** One file below /proc/sys. `write` gets all that one write(2) carried. */
export interface ctl_table {
  /** The text, without its newline. */
  read: () => string
  write?: (text: string) => errno_t
}

/** What proc/ shows of the table. */
export type SysctlListener = (path: string, entry: ctl_table) => void

export class Sysctl {
  readonly #listener: SysctlListener

  /** `listener` makes the file that shows an entry. */
  constructor(listener: SysctlListener) {
    this.#listener = listener
  }

  /** `path` is relative to /proc/sys, such as "kernel/printk". */
  register(path: string, entry: ctl_table): void {
    this.#listener(path, entry)
  }

  /** A writer for one whole number. */
  int(
    set: (n: number) => void,
    { min = -(2 ** 31), max = 2 ** 31 - 1 } = {},
  ): (text: string) => errno_t {
    return text => {
      const [n] = parseInts(text) ?? []
      if (n === undefined || n < min || n > max) return -EINVAL
      set(n)
      return 0
    }
  }

  /** A writer for several: as many as are given are set, from the first on. */
  ints(...set: ((n: number) => void)[]): (text: string) => errno_t {
    return text => {
      const numbers = parseInts(text)
      if (!numbers) return -EINVAL
      for (const [i, n] of numbers.slice(0, set.length).entries()) set[i]?.(n)
      return 0
    }
  }

  /** A setting that can only be switched on. */
  latch(set: () => void): (text: string) => errno_t {
    return this.int(set, { min: 1, max: 1 })
  }

  /** For files that are there to be read only. */
  refuse(): errno_t {
    return -EPERM
  }
}

/** Numbers in C's bases, separated by blanks; undefined if there is anything else, or none. */
function parseInts(text: string): number[] | undefined {
  const words = text.trim().split(/\s+/)
  const numbers = words.map(word =>
    /^[-+]?(0x[\da-f]+|\d+)$/i.test(word) ? parseC(word) : NaN,
  )
  return numbers.some(n => !Number.isSafeInteger(n) || Math.abs(n) >= 2 ** 31)
    ? undefined
    : numbers
}

function parseC(word: string): number {
  const sign = word.startsWith('-') ? -1 : 1
  const digits = word.replace(/^[-+]/, '')
  if (/^0x/i.test(digits)) return sign * parseInt(digits.slice(2), 16)
  if (/^0[0-7]+$/.test(digits)) return sign * parseInt(digits, 8)
  return digits.startsWith('0') && digits.length > 1 ? NaN : sign * parseInt(digits, 10)
}
