// /dev/kmsg: the log, one record a read(2). Linux: devkmsg_* in kernel/printk/printk.c.

import { EAGAIN, EINVAL, EPERM, EPIPE, ESPIPE, EFAULT } from '../include/linux/errno.ts'
import { O_ACCMODE, O_NONBLOCK, O_WRONLY } from '../include/linux/fcntl.ts'
import {
  SEEK_DATA,
  SEEK_END,
  SEEK_SET,
  type file,
  type file_operations,
} from '../include/linux/fs.ts'
import { poll_wait } from '../include/linux/poll.ts'
import { EPOLLERR, EPOLLIN, EPOLLPRI, EPOLLRDNORM } from '../include/uapi/poll.ts'
import { KERN_WARNING } from '../include/linux/printk.ts'
import { RATELIMIT_MSG_ON_RELEASE, ratelimit_state } from '../include/linux/ratelimit.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { SYSLOG_ACTION_READ_ALL } from '../include/uapi/syslog.ts'
import { decodeText, encodeText, formatKmsgRecord } from '../lib/kmsg.ts'
import { copy_from_user, copy_to_user } from '../lib/usercopy.ts'
import type { Printk } from './printk.ts'
import type { Scheduler } from './sched.ts'
import type { WaitQueues } from './wait.ts'

/** A write(2) longer than this is refused. */
const LOG_LINE_MAX = 992
const LOG_USER = 1

const SUPPRESSED = `${KERN_WARNING}%s: %d output lines suppressed due to ratelimiting\n`

/** One open /dev/kmsg, and where in the log it is. */
export class KmsgReader {
  #seq: number
  /** Keeps a program from flooding the log. */
  readonly #rs = new ratelimit_state()
  readonly #log: Printk
  readonly #wait: WaitQueues

  constructor(log: Printk, wait: WaitQueues) {
    this.#log = log
    this.#wait = wait
    this.#seq = log.firstSeq
    this.#rs.flags = RATELIMIT_MSG_ON_RELEASE
  }

  static file_operations(
    log: Printk,
    wait: WaitQueues,
    sched: Scheduler,
  ): file_operations<KmsgReader> {
    return {
      open(_inode, filp) {
        const writeOnly = (filp.f_flags & O_ACCMODE) === O_WRONLY
        // Whoever could only write could do nothing.
        if (writeOnly && log.settings.devkmsg === 'off') return -EPERM
        if (!writeOnly && !log.syslog.check_syslog_permissions(SYSLOG_ACTION_READ_ALL))
          return -EPERM
        filp.private_data = new KmsgReader(log, wait)
        return 0
      },
      read: (filp, buf, count) => filp.private_data.#read(filp, buf, count),
      write: (filp, buf, count) =>
        filp.private_data.#write(buf, count, sched.current.comm),
      release(_inode, filp) {
        const { missed } = filp.private_data.#rs
        if (missed > 0) log.printk(SUPPRESSED, sched.current.comm, missed)
        return 0
      },
      llseek: (filp, offset, whence) => filp.private_data.#llseek(offset, whence),
      poll(filp, table) {
        poll_wait(filp, log.log_wait, table)
        return filp.private_data.#poll()
      },
    }
  }

  #read(filp: file, buf: user_ptr, count: number): MaybePromise<number> {
    if (this.#seq < this.#log.endSeq) return this.#readRecord(buf, count)
    if (filp.f_flags & O_NONBLOCK) return -EAGAIN
    return this.#waitAndRead(buf, count)
  }

  async #waitAndRead(buf: user_ptr, count: number): Promise<number> {
    const err = await this.#wait.wait_event_interruptible(
      this.#log.log_wait,
      () => this.#seq < this.#log.endSeq,
    )
    return err || this.#readRecord(buf, count)
  }

  #readRecord(buf: user_ptr, count: number): number {
    if (this.#seq < this.#log.firstSeq) {
      this.#seq = this.#log.firstSeq
      return -EPIPE // records were overwritten before they could be read
    }
    const record = this.#log.read(this.#seq)
    if (!record) return 0
    const line = encodeText(formatKmsgRecord(record))
    this.#seq = record.seq + 1
    if (line.length > count) return -EINVAL
    return copy_to_user(buf, line, line.length) ? -EFAULT : line.length
  }

  #write(buf: user_ptr, count: number, comm: string): number {
    if (count > LOG_LINE_MAX) return -EINVAL
    const { devkmsg } = this.#log.settings
    const isHeard =
      devkmsg === 'on' ||
      (devkmsg === 'ratelimit' && this.#log.ratelimits.___ratelimit(this.#rs, comm))
    return isHeard ? devkmsg_write(this.#log, buf, count) : count
  }

  #llseek(offset: number, whence: number): number {
    if (offset !== 0) return -ESPIPE
    switch (whence) {
      case SEEK_SET:
        this.#seq = this.#log.firstSeq
        return 0
      case SEEK_DATA:
        this.#seq = Math.max(this.#log.clearSeq, this.#log.firstSeq)
        return 0
      case SEEK_END:
        this.#seq = this.#log.endSeq
        return 0
      default:
        return -EINVAL
    }
  }

  #poll(): number {
    if (this.#seq >= this.#log.endSeq) return 0
    const lost = this.#seq < this.#log.firstSeq
    return EPOLLIN | EPOLLRDNORM | (lost ? EPOLLERR | EPOLLPRI : 0)
  }
}

/** "<30>text": the number is facility times 8 plus level; without it, a user's warning. */
function devkmsg_write(log: Printk, buf: user_ptr, count: number): number {
  const bytes = new Uint8Array(count)
  if (copy_from_user(bytes, buf, count)) return -EFAULT

  const message = decodeText(bytes)
  const prefix = /^<(\d*)>/.exec(message)
  const priority = prefix ? Number(prefix[1]) : undefined
  const facility = priority === undefined ? LOG_USER : (priority >> 3) & 0xff || LOG_USER
  const level = priority === undefined ? undefined : priority & 7
  log.vprintk_emit(facility, level, false, message.slice(prefix?.[0].length ?? 0))
  return count
}
