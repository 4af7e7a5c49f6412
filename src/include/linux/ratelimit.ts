// So many messages in so much time, and no more. Implemented in kernel/ratelimit.ts.
// Linux: include/linux/ratelimit.h, ratelimit_types.h.
import type { Ratelimits } from '../../kernel/ratelimit.ts'
import { call_site } from './call_site.ts'
import { HZ } from './jiffies.ts'

/** Ticks. */
export const DEFAULT_RATELIMIT_INTERVAL = 5 * HZ
export const DEFAULT_RATELIMIT_BURST = 10

/** Say how many were suppressed only when the state's owner asks. */
export const RATELIMIT_MSG_ON_RELEASE = 1

export class ratelimit_state {
  /** Ticks; 0 for no limit. */
  interval: number
  /** How many in that time. */
  burst: number
  printed = 0
  missed = 0
  /** The tick at which the present interval began; 0 before the first. */
  begin = 0
  flags = 0

  constructor(interval = DEFAULT_RATELIMIT_INTERVAL, burst = DEFAULT_RATELIMIT_BURST) {
    this.interval = interval
    this.burst = burst
  }
}

/** `const rs = DEFINE_RATELIMIT_STATE(5 * HZ, 10)` */
export function DEFINE_RATELIMIT_STATE(interval: number, burst: number): ratelimit_state {
  return new ratelimit_state(interval, burst)
}

/** Start counting anew, with other limits. */
export function ratelimit_state_init(
  rs: ratelimit_state,
  interval: number,
  burst: number,
): void {
  Object.assign(rs, new ratelimit_state(interval, burst))
}

export function ratelimit_default_init(rs: ratelimit_state): void {
  ratelimit_state_init(rs, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST)
}

export function ratelimit_set_flags(rs: ratelimit_state, flags: number): void {
  rs.flags = flags
}

/** @internal True if there is room for one more; `func` is named when some were suppressed. */
export declare const ___ratelimit: Ratelimits['___ratelimit']

/** True if there is room for one more. */
export function __ratelimit(rs: ratelimit_state, site?: call_site): boolean {
  return ___ratelimit(rs, site?.func ?? '')
}

/** @internal As ___ratelimit(), with the limit that all of the kernel share. */
export declare const __printk_ratelimit: Ratelimits['__printk_ratelimit']

/** `if (printk_ratelimit()) printk(…)`: a limit that all of the kernel share. */
export function printk_ratelimit(site?: call_site): boolean {
  return __printk_ratelimit(site?.func ?? '')
}
