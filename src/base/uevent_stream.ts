// /sys/kernel/uevent_stream: events for programs, one a read(2), in the bytes in which Linux sends
// them over NETLINK_KOBJECT_UEVENT. Linux: uevent_net_broadcast() in lib/kobject_uevent.c.
//
// No socket of a program reaches this kernel, so a file carries what netlink would. Each open
// file is a listener of its own and gets every event from its open on.

import { EAGAIN, EFAULT, EINVAL, ENOBUFS } from '../include/linux/errno.ts'
import { O_NONBLOCK } from '../include/linux/fcntl.ts'
import type { file, file_operations } from '../include/linux/fs.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { wait_queue_head } from '../include/linux/wait.ts'
import { poll_wait } from '../include/linux/poll.ts'
import { EPOLLERR, EPOLLIN, EPOLLRDNORM } from '../include/uapi/poll.ts'
import type { WaitQueues } from '../kernel/wait.ts'
import { encodeText } from '../lib/kmsg.ts'
import { copy_to_user } from '../lib/usercopy.ts'

/** Bytes that wait for one listener at most; as net.core.rmem_default. */
const RECEIVE_BUFFER = 212_992

interface Listener {
  events: Uint8Array[]
  bytes: number
  /** Events were lost, and it has not been told yet. */
  overrun: boolean
}

export class UeventStream {
  readonly file_operations: file_operations<Listener>
  readonly #wait: WaitQueues
  readonly #wq = new wait_queue_head()
  readonly #listeners = new Set<Listener>()

  constructor(wait: WaitQueues) {
    this.#wait = wait
    this.file_operations = {
      open: (_inode, filp) => this.#open(filp),
      read: (filp, buf, count) => this.#read(filp, buf, count),
      poll: (filp, table) => {
        poll_wait(filp, this.#wq, table)
        return pollMask(filp.private_data)
      },
      release: (_inode, filp) => {
        this.#listeners.delete(filp.private_data)
        return 0
      },
    }
  }

  /** "add@/module/hello" and its variables, to all who listen. */
  broadcast(lines: readonly string[]): void {
    if (this.#listeners.size === 0) return
    const event = encodeText(lines.map(line => `${line}\0`).join(''))
    for (const listener of this.#listeners) deliver(listener, event)
    this.#wait.wake_up_interruptible_all(this.#wq)
  }

  #open(filp: file<Listener>): number {
    filp.private_data = { events: [], bytes: 0, overrun: false }
    this.#listeners.add(filp.private_data)
    return 0
  }

  #read(filp: file<Listener>, buf: user_ptr, count: number): MaybePromise<number> {
    const listener = filp.private_data
    if (hasNews(listener)) return take(listener, buf, count)
    return filp.f_flags & O_NONBLOCK ? -EAGAIN : this.#waitAndRead(listener, buf, count)
  }

  async #waitAndRead(listener: Listener, buf: user_ptr, count: number): Promise<number> {
    const err = await this.#wait.wait_event_interruptible(this.#wq, () =>
      hasNews(listener),
    )
    return err || take(listener, buf, count)
  }
}

function deliver(listener: Listener, event: Uint8Array): void {
  if (listener.bytes + event.length > RECEIVE_BUFFER) {
    listener.overrun = true
    return
  }
  listener.events.push(event)
  listener.bytes += event.length
}

const hasNews = ({ events, overrun }: Listener): boolean => overrun || events.length > 0

/** The oldest event; -ENOBUFS once after some were lost, -EINVAL if it does not fit. */
function take(listener: Listener, buf: user_ptr, count: number): number {
  if (listener.overrun) {
    listener.overrun = false
    return -ENOBUFS
  }
  const [event] = listener.events
  if (!event) return 0
  if (event.length > count) return -EINVAL
  if (copy_to_user(buf, event, event.length)) return -EFAULT
  listener.events.shift()
  listener.bytes -= event.length
  return event.length
}

function pollMask(listener: Listener): number {
  const readable = hasNews(listener) ? EPOLLIN | EPOLLRDNORM : 0
  return readable | (listener.overrun ? EPOLLERR : 0)
}

/** Of a text in bytes. */
export function byteLength(text: string): number {
  return encodeText(text).length
}
