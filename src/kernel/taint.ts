// Why this kernel is not to be trusted any more: the taint flags. Linux: kernel/panic.c.

import type { DebugLocks } from './locking/debug_locks.ts'
import type { Sysctl } from './sysctl.ts'

export const TAINT_PROPRIETARY_MODULE = 0
export const TAINT_FORCED_MODULE = 1
export const TAINT_FORCED_RMMOD = 3
export const TAINT_BAD_PAGE = 5
export const TAINT_USER = 6
export const TAINT_DIE = 7
export const TAINT_WARN = 9
export const TAINT_CRAP = 10
export const TAINT_OOT_MODULE = 12
export const TAINT_UNSIGNED_MODULE = 13
export const TAINT_SOFTLOCKUP = 14
export const TAINT_TEST = 18

/** The letter of each flag, bit 0 first. A kernel without bit 0 shows a G there. */
const LETTERS = 'PFSRMBUDAWCIOELKXTN'.split('')
const ALL_FLAGS = (1 << LETTERS.length) - 1

/** Letters of the flags that modules carry. Linux: taint_flags[].module. */
export function moduleTaintLetters(taints: number): string {
  return LETTERS.filter((_, bit) => taints & (1 << bit)).join('')
}

export class Taints {
  #mask = 0
  readonly #debugLocks: DebugLocks
  readonly #warn: (text: string) => void

  /** `warn` logs a message of level 4. */
  constructor(debugLocks: DebugLocks, warn: (text: string) => void) {
    this.#debugLocks = debugLocks
    this.#warn = warn
  }

  get mask(): number {
    return this.#mask
  }

  test_taint(flag: number): boolean {
    return (this.#mask & (1 << flag)) !== 0
  }

  /** `lockdepOk`: can lock debugging still be believed? */
  add_taint(flag: number, { lockdepOk }: { lockdepOk: boolean }): void {
    if (!lockdepOk && this.#debugLocks.off()) {
      this.#warn('Disabling lock debugging due to kernel taint\n')
    }
    this.#mask |= 1 << flag
  }

  /** From now on lock debugging is not to be believed: there is no need to say so again. */
  debug_locks_off(): void {
    this.#debugLocks.off()
  }

  /** As the "CPU:" line of a report has it. */
  print_tainted(): string {
    if (this.#mask === 0) return 'Not tainted'
    const flags = LETTERS.map((letter, bit) =>
      this.test_taint(bit) ? letter : bit === 0 ? 'G' : ' ',
    )
    return `Tainted: ${flags.join('')}`
  }

  register_sysctl(sysctl: Sysctl): void {
    sysctl.register('kernel/tainted', {
      read: () => String(this.#mask),
      // Flags are only ever added; bits that mean nothing are dropped.
      write: sysctl.int(mask => (this.#mask |= mask & ALL_FLAGS), { min: 0 }),
    })
  }
}
