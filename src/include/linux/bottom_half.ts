// Keeping softirqs off. Implemented in kernel/softirq.ts. Linux: include/linux/bottom_half.h.
import type { Softirqs } from '../../kernel/softirq.ts'
import { SOFTIRQ_DISABLE_OFFSET } from './preempt.ts'
import { current } from './sched.ts'

/** @internal What local_bh_enable() calls. */
export declare const __local_bh_enable_ip: Softirqs['__local_bh_enable_ip']

/** No tasklet and no timer runs before local_bh_enable(). Whoever has done this may not sleep. */
export function local_bh_disable(): void {
  current.preempt_count += SOFTIRQ_DISABLE_OFFSET
}

/** Run what has been raised meanwhile. */
export const local_bh_enable = (): void => __local_bh_enable_ip(SOFTIRQ_DISABLE_OFFSET)
