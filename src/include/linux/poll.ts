// poll(2), from the driver's side. Linux: include/linux/poll.h.
import type { file } from './fs.ts'
import type { wait_queue_head } from './wait.ts'

export * from '../uapi/poll.ts'

/** Who polls; a driver passes it on to poll_wait(). */
export interface poll_table {
  /** @internal Which events are wanted: EPOLL* flags. */
  readonly key: number
  /** @internal Gets in line. Absent: who polls only asks, and does not wait. */
  queue?(filp: file, wq: wait_queue_head): void
}

export type poll_table_struct = poll_table

/** Say which wait queue will be woken when the answer changes. Does not wait. */
export function poll_wait(
  filp: file,
  wq: wait_queue_head | null | undefined,
  p: poll_table | null | undefined,
): void {
  if (wq) p?.queue?.(filp, wq)
}

/** Is nobody going to wait, so that poll_wait() need not be called? */
export const poll_does_not_wait = (p: poll_table | null | undefined): boolean => !p?.queue

/** The events that are asked for, EPOLL* flags; all, if that is not known. */
export const poll_requested_events = (p: poll_table | null | undefined): number =>
  p ? p.key : -1
