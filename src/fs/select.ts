// poll(2) and its relatives, as far as the driver's side goes. Linux: fs/select.c.

import type { file } from '../include/linux/fs.ts'
import type { poll_table } from '../include/linux/poll.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import type { wait_queue_entry, wait_queue_head } from '../include/linux/wait.ts'
import { EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM } from '../include/uapi/poll.ts'
import type { Traps } from '../kernel/panic.ts'
import { callDriver } from './driver_call.ts'
import type { OpenFile } from './file.ts'

/** What a file is ready for whose driver has no poll(). */
export const DEFAULT_POLLMASK = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM

/** Say which wait queue will be woken when the answer changes. */
export function poll_wait(filp: file, wq: wait_queue_head, table: poll_table): void {
  table.queue(filp, wq)
}

/** The events that are ready now, or an error. */
export function vfs_poll(
  traps: Traps,
  filp: OpenFile,
  table: poll_table,
): MaybePromise<number> {
  if (!filp.f_op.poll) return DEFAULT_POLLMASK
  return callDriver(traps, () => filp.f_op.poll?.(filp, table))
}

/** A poll that asks and does not wait. */
export const no_wait: poll_table = { queue() {} }

/** One who wants to be told, once, when any of the queues a driver names is woken. */
export class PollWatch implements poll_table, wait_queue_entry {
  readonly exclusive = false
  readonly #queues = new Set<wait_queue_head>()
  readonly #notify: () => void

  constructor(notify: () => void) {
    this.#notify = notify
  }

  queue(_filp: file, wq: wait_queue_head): void {
    this.#queues.add(wq)
    wq.entries.add(this)
  }

  wake(): boolean {
    this.cancel()
    this.#notify()
    return true
  }

  cancel(): void {
    for (const wq of this.#queues) wq.entries.delete(this)
    this.#queues.clear()
  }
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  poll_wait,
}
