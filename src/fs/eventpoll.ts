// epoll(7): who watches many files and is told which have something to say. Linux: fs/eventpoll.c.
//
// Through a mount the host's own epoll asks us with poll(2); this one is for programs in the same
// process as the machine.

import { EBADF, EEXIST, EINTR, EINVAL, ENOENT, EPERM } from '../include/linux/errno.ts'
import { MAX_SCHEDULE_TIMEOUT, msecs_to_jiffies } from '../include/linux/jiffies.ts'
import { wait_queue_head, waitqueue_active } from '../include/linux/wait.ts'
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLONESHOT,
  EPOLLWAKEUP,
} from '../include/uapi/eventpoll.ts'
import { EPOLLIN, EPOLLOUT, EPOLLRDNORM } from '../include/uapi/poll.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Scheduler } from '../kernel/sched.ts'
import type { Timeouts } from '../kernel/time/sleep_timeout.ts'
import { OpenFile } from './file.ts'
import { Inode } from './inode.ts'
import { type poll_table, poll_wait } from '../include/linux/poll.ts'
import { ALWAYS, no_wait, PollQueues, vfs_poll } from './select.ts'

/** Flags that are no events. */
const PRIVATE_BITS = (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE) >>> 0
/** What EPOLLEXCLUSIVE may be combined with. */
const EXCLUSIVE_OK =
  (EPOLLIN | EPOLLOUT | ALWAYS | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE) >>> 0

/** What epoll_ctl(2) is given and epoll_wait(2) answers. */
export interface epoll_event {
  events: number
  data: unknown
}

interface Item extends epoll_event {
  readonly fd: number
  readonly file: OpenFile
  readonly line: PollQueues
}

interface Needs {
  wait: { wake_up(wq: wait_queue_head): void }
  sched: Scheduler
  timeouts: Timeouts
  traps: Traps
}

export class EventPoll {
  readonly #needs: Needs
  readonly #items = new Set<Item>()
  /** In the order in which they will be told. */
  readonly #ready = new Set<Item>()
  /** Who is in epoll_wait(2), or polls the epoll itself. */
  readonly #wq = new wait_queue_head()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** The open file behind the descriptor of an epoll. */
  file(flags: number): OpenFile {
    const inode = new Inode({ mode: 0o600 })
    inode.i_fop = {
      poll: (filp, table) => {
        poll_wait(filp, this.#wq, table)
        return this.#ready.size > 0 ? EPOLLIN | EPOLLRDNORM : 0
      },
      release: () => {
        for (const item of this.#items) this.#remove(item)
        return 0
      },
    }
    const file = new OpenFile(inode, flags, { uid: 0, gid: 0 })
    file.private_data = this
    return file
  }

  /** epoll_ctl(2): 0 or an error. */
  async ctl(
    op: number,
    fd: number,
    file: OpenFile | undefined,
    event: epoll_event,
  ): Promise<errno_t> {
    if (!file) return -EBADF
    if (!file.f_op.poll) return -EPERM
    if (file.private_data === this) return -EINVAL
    const item = [...this.#items].find(one => one.fd === fd && one.file === file)
    if (op === EPOLL_CTL_ADD) return item ? -EEXIST : this.#insert(fd, file, event)
    if (op === EPOLL_CTL_DEL) return item ? this.#remove(item) : -ENOENT
    if (op === EPOLL_CTL_MOD) return item ? this.#modify(item, event) : -ENOENT
    return -EINVAL
  }

  /**
   * epoll_wait(2): what has happened, `max` of it at most, or -EINTR. `timeout`: milliseconds, for
   * ever if negative.
   */
  async wait(max: number, timeout: number): Promise<epoll_event[] | errno_t> {
    if (max <= 0) return -EINVAL
    const { sched, timeouts } = this.#needs
    const task = sched.current
    let left = timeout < 0 ? MAX_SCHEDULE_TIMEOUT : msecs_to_jiffies(timeout)
    for (;;) {
      const events = await this.#take(max)
      if (events.length > 0 || left <= 0) return events
      if (task.signalled) return -EINTR
      const line = new PollQueues(-1, () => sched.wake_up_process(task), {
        exclusive: true,
      })
      line.join(this.#wq)
      if (this.#ready.size === 0)
        left = await timeouts.schedule_timeout_interruptible(left)
      line.cancel()
    }
  }

  /** The file has been closed for good: nobody is told of it any more. */
  forget(file: OpenFile): void {
    for (const item of this.#items) if (item.file === file) this.#remove(item)
  }

  async #insert(fd: number, file: OpenFile, event: epoll_event): Promise<errno_t> {
    const exclusive = (event.events & EPOLLEXCLUSIVE) !== 0
    if (exclusive && event.events & ~EXCLUSIVE_OK) return -EINVAL
    const events = event.events | ALWAYS
    const line = new PollQueues(events, () => this.#happened(item), { exclusive })
    const item: Item = { fd, file, events, data: event.data, line }
    this.#items.add(item)
    file.f_ep = (file.f_ep ?? new Set()).add(this)
    await this.#askNow(item, line)
    return 0
  }

  async #modify(item: Item, { events, data }: epoll_event): Promise<errno_t> {
    if ((item.events | events) & EPOLLEXCLUSIVE) return -EINVAL
    item.events = item.line.key = events | ALWAYS
    item.data = data
    await this.#askNow(item, no_wait(item.events))
    return 0
  }

  #remove(item: Item): errno_t {
    this.#items.delete(item)
    this.#ready.delete(item)
    item.line.cancel()
    return 0
  }

  /** Something may have happened before anybody was in line. */
  async #askNow(item: Item, table: poll_table): Promise<void> {
    const mask = await vfs_poll(this.#needs.traps, item.file, table)
    if (mask & wanted(item)) this.#happened(item)
  }

  /** A driver has called; is there anybody who hears it? */
  #happened(item: Item): boolean {
    if (!wanted(item)) return false
    this.#ready.add(item)
    const heard = waitqueue_active(this.#wq)
    this.#needs.wait.wake_up(this.#wq)
    return heard || !(item.events & EPOLLEXCLUSIVE)
  }

  /** Ask those again that called, and keep those in mind that are told as long as it is so. */
  async #take(max: number): Promise<epoll_event[]> {
    const events: epoll_event[] = []
    for (const item of Array.from(this.#ready)) {
      if (events.length === max) break
      this.#ready.delete(item)
      const table = no_wait(item.events)
      const mask = await vfs_poll(this.#needs.traps, item.file, table)
      const come = mask & wanted(item)
      if (!come) continue
      events.push({ events: come, data: item.data })
      if (item.events & EPOLLONESHOT)
        item.events = item.line.key = item.events & PRIVATE_BITS
      else if (!(item.events & EPOLLET)) this.#ready.add(item)
    }
    return events
  }
}

/** The events that an item asks for: none after its one shot. */
function wanted({ events }: Item): number {
  return events & ~PRIVATE_BITS
}
