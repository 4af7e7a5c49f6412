// poll(2), from the driver's side. Implemented in fs/select.ts. Linux: include/linux/poll.h.
import type * as select from '../../fs/select.ts'
import type { file } from './fs.ts'
import type { wait_queue_head } from './wait.ts'

export * from '../uapi/poll.ts'

/** Who polls; a driver only passes it on to poll_wait(). */
export interface poll_table {
  /** @internal */
  queue(filp: file, wq: wait_queue_head): void
}

/** Say which wait queue will be woken when the answer changes. Does not wait. */
export declare const poll_wait: typeof select.poll_wait
