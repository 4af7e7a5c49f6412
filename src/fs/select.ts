// poll(2): asking drivers, and waiting for what they say to change. Linux: fs/select.c.

import { EINTR } from '../include/linux/errno.ts'
import type { file } from '../include/linux/fs.ts'
import { MAX_SCHEDULE_TIMEOUT, msecs_to_jiffies } from '../include/linux/jiffies.ts'
import type { poll_table } from '../include/linux/poll.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import {
  wait_queue_entry,
  type wait_queue_head,
  WQ_FLAG_EXCLUSIVE,
} from '../include/linux/wait.ts'
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDNORM,
  EPOLLWRNORM,
  POLLNVAL,
} from '../include/uapi/poll.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Scheduler } from '../kernel/sched.ts'
import type { Timeouts } from '../kernel/time/sleep_timeout.ts'
import { callDriver } from './driver_call.ts'
import type { OpenFile } from './file.ts'

/** What a file is ready for whose driver has no poll(). */
export const DEFAULT_POLLMASK = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM

/** Told whether they are wanted or not. */
export const ALWAYS = EPOLLERR | EPOLLHUP

/**
 * The events that are ready now. Whatever number a driver answers is taken for its bits, an error,
 * too.
 */
export function vfs_poll(
  traps: Traps,
  filp: OpenFile,
  table: poll_table,
): MaybePromise<number> {
  if (!filp.f_op.poll) return DEFAULT_POLLMASK
  const mask = callDriver(traps, () => filp.f_op.poll?.(filp, table))
  return typeof mask === 'number' ? mask >>> 0 : mask.then(later => later >>> 0)
}

/** A poll that asks for `key` and does not wait. */
export const no_wait = (key = -1): poll_table => ({ key })

/** One who is in line in all the queues that a driver names, until cancel(). */
export class PollQueues implements poll_table {
  key: number
  readonly #entries = new Map<wait_queue_head, wait_queue_entry>()
  readonly #flags: number
  readonly #wake: () => boolean
  #left = false

  /**
   * `wake`: told of each wake-up that may be about the events `key`; whether it counts as one, for
   * those of whom only the first is woken (`exclusive`).
   */
  constructor(key: number, wake: () => boolean, { exclusive = false } = {}) {
    this.key = key
    this.#wake = wake
    this.#flags = exclusive ? WQ_FLAG_EXCLUSIVE : 0
  }

  queue(_filp: file, wq: wait_queue_head): void {
    this.join(wq)
  }

  join(wq: wait_queue_head): void {
    if (this.#left || this.#entries.has(wq)) return
    const entry = new wait_queue_entry()
    entry.flags = this.#flags
    entry.func = (_entry, _mode, _flags, came) => (this.#woken(came) ? 1 : 0)
    this.#entries.set(wq, entry)
    const line = this.#flags ? wq.exclusive : wq.entries
    line.add(entry)
  }

  /** `came`: the events, if the driver says so. */
  #woken(came: unknown): boolean {
    if (typeof came === 'number' && !(came & this.key)) return false
    return this.#wake()
  }

  /** For good. */
  cancel(): void {
    this.#left = true
    for (const entry of this.#entries.values()) entry.line?.delete(entry)
    this.#entries.clear()
  }
}

/** One file that is polled, and for what. */
export interface PollFd {
  /** Undefined: a descriptor that is not open. */
  readonly file: OpenFile | undefined
  /** All that count; ALWAYS is not added. */
  readonly events: number
  /** Those that have come. */
  revents: number
}

interface Needs {
  sched: Scheduler
  timeouts: Timeouts
  traps: Traps
}

export class Polls {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /**
   * poll(2): how many of `fds` have something to say, or -EINTR. `timeout`: milliseconds, for ever
   * if negative.
   */
  async do_poll(fds: readonly PollFd[], timeout: number): Promise<number> {
    const { sched, timeouts } = this.#needs
    const task = sched.current
    let left = timeout < 0 ? MAX_SCHEDULE_TIMEOUT : msecs_to_jiffies(timeout)
    let triggered = false
    const wake = (): boolean => {
      triggered = true
      sched.wake_up_process(task)
      return true
    }
    const lines = fds.map(({ events }) => new PollQueues(events, wake))
    try {
      let ready = await this.#ask(fds, left > 0 ? lines : [])
      while (!ready && left > 0) {
        if (task.signalled) return -EINTR
        if (!triggered) left = await timeouts.schedule_timeout_interruptible(left)
        triggered = false
        ready = await this.#ask(fds, [])
      }
      return ready
    } finally {
      for (const line of lines) line.cancel()
    }
  }

  /** Ask all files, the first ones in line for what comes: until one is ready. */
  async #ask(fds: readonly PollFd[], lines: readonly PollQueues[]): Promise<number> {
    const { traps } = this.#needs
    let ready = 0
    for (const [i, fd] of fds.entries()) {
      const table = (ready === 0 && lines[i]) || no_wait(fd.events)
      const mask = fd.file ? await vfs_poll(traps, fd.file, table) : POLLNVAL
      fd.revents = mask & (fd.file ? fd.events : POLLNVAL)
      if (fd.revents) ready++
    }
    return ready
  }
}
