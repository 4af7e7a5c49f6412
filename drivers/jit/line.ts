// A line about who is running: when, how long after the start, in which context, as whom.

import { in_interrupt } from '#linux/preempt'
import { jiffies } from '#linux/jiffies'
import { current } from '#linux/sched'
import { seq_printf, seq_puts } from '#linux/seq_file'
import type { seq_file } from '#linux/seq_file'
import { smp_processor_id } from '#linux/smp'

export function heading(m: seq_file): void {
  seq_puts(m, '    time   delta  inirq    pid   cpu command\n')
}

/** Returns now, from which the next line may count. */
export function line(m: seq_file, since: number): number {
  const now = jiffies
  const { pid, comm } = current
  const interrupt = in_interrupt() ? 1 : 0
  const cpu = smp_processor_id()
  seq_printf(
    m,
    '%10li  %3li     %i    %6i   %i   %s\n',
    now,
    now - since,
    interrupt,
    pid,
    cpu,
    comm,
  )
  return now
}
