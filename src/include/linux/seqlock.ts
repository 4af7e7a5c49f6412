// Data that readers copy without a lock, and copy again if a writer came between. Linux:
// include/linux/seqlock.h.
import type { call_site } from './call_site.ts'
import type { lock_site } from './lockdep_map.ts'
import { preempt_disable, preempt_enable } from './preempt.ts'
import {
  spin_lock,
  spin_lock_bh,
  spin_lock_init,
  spin_lock_irq,
  spin_lock_irqsave,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irq,
  spin_unlock_irqrestore,
  spinlock,
} from './spinlock.ts'

/** `SEQCNT_ZERO` is `new seqcount()`: odd while somebody writes. Whoever writes sees to it that he is alone. */
export class seqcount {
  /** @internal */
  sequence = 0
}

export type seqcount_t = seqcount

/** `DEFINE_SEQLOCK(sl)` is `const sl = new seqlock()`: with a lock for writers. */
export class seqlock {
  /** @internal */
  readonly seqcount = new seqcount()
  /** @internal */
  readonly lock: spinlock

  constructor(site?: lock_site) {
    this.lock = new spinlock(site)
  }
}

export type seqlock_t = seqlock

/** As new. */
export function seqcount_init(s: seqcount): void {
  s.sequence = 0
}
/** As new. */
export function seqlock_init(sl: seqlock, site?: call_site): void {
  seqcount_init(sl.seqcount)
  spin_lock_init(sl.lock, site)
}

/** Before reading; for read_seqcount_retry(). On one CPU no writer is ever in the middle of it. */
export const read_seqcount_begin = (s: seqcount): number => s.sequence & ~1
/** Has somebody written since? Then read again. */
export const read_seqcount_retry = (s: seqcount, start: number): boolean =>
  s.sequence !== start

/** Begin to write. Not to be slept in. */
export function write_seqcount_begin(s: seqcount): void {
  preempt_disable()
  s.sequence = (s.sequence + 1) >>> 0
}
export function write_seqcount_end(s: seqcount): void {
  s.sequence = (s.sequence + 1) >>> 0
  preempt_enable()
}

/** Before reading: `do { seq = read_seqbegin(sl); … } while (read_seqretry(sl, seq))`. */
export const read_seqbegin = (sl: seqlock): number => read_seqcount_begin(sl.seqcount)
/** Has somebody written since? Then read again. */
export const read_seqretry = (sl: seqlock, start: number): boolean =>
  read_seqcount_retry(sl.seqcount, start)

/** Begin to write, alone. Not to be slept in. */
export function write_seqlock(sl: seqlock, site?: call_site): void {
  spin_lock(sl.lock, site)
  write_seqcount_begin(sl.seqcount)
}
export function write_sequnlock(sl: seqlock, site?: call_site): void {
  write_seqcount_end(sl.seqcount)
  spin_unlock(sl.lock, site)
}
/** As write_seqlock(), against timers and tasklets too. */
export function write_seqlock_bh(sl: seqlock, site?: call_site): void {
  spin_lock_bh(sl.lock, site)
  write_seqcount_begin(sl.seqcount)
}
export function write_sequnlock_bh(sl: seqlock, site?: call_site): void {
  write_seqcount_end(sl.seqcount)
  spin_unlock_bh(sl.lock, site)
}
/** As write_seqlock(), against interrupts too, which were on. */
export function write_seqlock_irq(sl: seqlock, site?: call_site): void {
  spin_lock_irq(sl.lock, site)
  write_seqcount_begin(sl.seqcount)
}
export function write_sequnlock_irq(sl: seqlock, site?: call_site): void {
  write_seqcount_end(sl.seqcount)
  spin_unlock_irq(sl.lock, site)
}
/** As write_seqlock(), against interrupts too; what write_sequnlock_irqrestore() wants back. */
export function write_seqlock_irqsave(sl: seqlock, site?: call_site): number {
  const flags = spin_lock_irqsave(sl.lock, site)
  write_seqcount_begin(sl.seqcount)
  return flags
}
export function write_sequnlock_irqrestore(
  sl: seqlock,
  flags: number,
  site?: call_site,
): void {
  write_seqcount_end(sl.seqcount)
  spin_unlock_irqrestore(sl.lock, flags, site)
}

/** Read with writers kept out. */
export const read_seqlock_excl = (sl: seqlock, site?: call_site): void =>
  spin_lock(sl.lock, site)
export const read_sequnlock_excl = (sl: seqlock, site?: call_site): void =>
  spin_unlock(sl.lock, site)
