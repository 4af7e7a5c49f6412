// poll(2) and its relatives, as far as the driver's side goes. Linux: fs/select.c.

import type { file } from '../include/linux/fs.ts'
import type { poll_table } from '../include/linux/poll.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { wait_queue_entry, type wait_queue_head } from '../include/linux/wait.ts'
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
export class PollWatch implements poll_table {
  readonly #entries = new Map<wait_queue_head, wait_queue_entry>()
  readonly #notify: () => void

  constructor(notify: () => void) {
    this.#notify = notify
  }

  queue(_filp: file, wq: wait_queue_head): void {
    if (this.#entries.has(wq)) return
    const entry = new wait_queue_entry()
    entry.func = () => this.#wake()
    this.#entries.set(wq, entry)
    wq.entries.add(entry)
  }

  cancel(): void {
    for (const [wq, entry] of this.#entries) wq.entries.delete(entry)
    this.#entries.clear()
  }

  #wake(): number {
    if (this.#entries.size === 0) return 0 // another of its queues was first
    this.cancel()
    this.#notify()
    return 1
  }
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  poll_wait,
}
