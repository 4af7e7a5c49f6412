// The log: printk(), its ring of records, syslog(2). Linux: kernel/printk/printk.c.
//
// A record whose text has no newline stays open: KERN_CONT goes on with it, and readers do not
// see it until something closes it. That is what Linux does, and why a forgotten "\n" hides a message.

import { EINTR, EINVAL, EPERM } from '../include/linux/errno.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { CAP_SYSLOG } from '../include/linux/capability.ts'
import type { file_operations } from '../include/linux/fs.ts'
import { wait_queue_head } from '../include/linux/wait.ts'
import * as syslog from '../include/uapi/syslog.ts'
import {
  decodeText,
  encodeText,
  formatSyslogRecord,
  type LogRecord,
} from '../lib/kmsg.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { Capabilities } from './capability.ts'
import { KmsgReader } from './kmsg.ts'
import type { Scheduler } from './sched.ts'
import type { Sysctl } from './sysctl.ts'
import type { WaitQueues } from './wait.ts'

/** Bytes of text that the ring keeps; as CONFIG_LOG_BUF_SHIFT=18. */
export const LOG_BUF_LEN = 1 << 18
/** What Linux's text buffer of 1024 bytes leaves for one message, its level included. */
const LINE_MAX = 991
/** A record that KERN_CONT goes on with grows no longer than this, in bytes. */
const RECORD_MAX = 1024
/** As many records as the ring has room for descriptors, however short their texts. */
const RECORDS_MAX = LOG_BUF_LEN >> 5
const LOG_CONT = 'c'.charCodeAt(0)

interface Message {
  level: number | undefined
  cont: boolean
  text: string
}

interface Needs {
  sched: Scheduler
  wait: WaitQueues
  capabilities: Capabilities
}

/** The value of syslog(2), and the bytes for the caller's buffer. */
interface SyslogResult {
  ret: number
  text?: Uint8Array
}

export class Printk {
  static readonly EXPORT_SYMBOL = ['printk', 'kmsg_fops'] as const

  /** Readers of /dev/kmsg that wait for the next record. */
  readonly log_wait = new wait_queue_head()
  readonly kmsg_fops: file_operations<KmsgReader>
  console_loglevel = 7
  default_message_loglevel = 4
  minimum_console_loglevel = 1
  default_console_loglevel = 7
  dmesg_restrict = 1

  readonly #bootTime: number
  readonly #console: ((record: LogRecord) => void) | undefined
  readonly #sched: Scheduler
  readonly #wait: WaitQueues
  readonly #capabilities: Capabilities
  #records: LogRecord[] = []
  #bytes = 0
  /** Sequence number of the first record that syslog(2) still shows. */
  #clearSeq = 0
  #syslogSeq = 0
  /** What syslog(2) has read of the record at `#syslogSeq`, in bytes. */
  #syslogPartial = 0
  /** What CONSOLE_ON brings back after CONSOLE_OFF. */
  #savedLoglevel: number | undefined
  #nextSeq = 0
  /** The record that is still without its newline. */
  #open: LogRecord | undefined
  /** Only the task that opened it goes on with it. */
  #openedBy = 0

  constructor(
    { sched, wait, capabilities }: Needs,
    options: { bootTime: number; console?: (record: LogRecord) => void },
  ) {
    this.#sched = sched
    this.#wait = wait
    this.#capabilities = capabilities
    this.#bootTime = options.bootTime
    this.#console = options.console
    this.kmsg_fops = KmsgReader.file_operations(this, wait)
  }

  printk(fmt: string, ...args: unknown[]): number {
    const { level, cont, text } = parseLevel(vsnprintf(fmt, args))
    this.vprintk_emit(0, level, cont, text)
    return text.length
  }

  /** Store `text`; facility 0 is the kernel, `level` undefined the default. */
  vprintk_emit(
    facility: number,
    level: number | undefined,
    cont: boolean,
    text: string,
    dict?: [string, string][],
  ): void {
    const complete = text.endsWith('\n')
    const line = complete ? text.slice(0, -1) : text
    const caller = this.#sched.current.pid
    const open = cont && this.#openedBy === caller ? this.#open : undefined
    if (open && byteLength(open.text) + byteLength(text) < RECORD_MAX) open.text += line
    else {
      this.#close()
      this.#openedBy = caller
      this.#open = {
        seq: this.#nextSeq++,
        usec: this.usec(),
        level: level ?? this.default_message_loglevel,
        facility,
        cont,
        text: line,
        ...(dict ? { dict } : {}),
      }
    }
    if (complete) this.#close()
  }

  /** Microseconds since boot: what every record is stamped with. */
  usec(): number {
    return Math.floor((performance.now() - this.#bootTime) * 1000)
  }

  /** The first record at or after `seq`. */
  read(seq: number): LogRecord | undefined {
    const first = this.#records[0]?.seq ?? this.#nextSeq
    return this.#records[Math.max(0, seq - first)]
  }

  get firstSeq(): number {
    return this.#records[0]?.seq ?? this.#nextSeq
  }

  get clearSeq(): number {
    return this.#clearSeq
  }

  /** Sequence number that the next complete record will have. */
  get endSeq(): number {
    return this.#open ? this.#open.seq : this.#nextSeq
  }

  /** May the caller read the log, or do `type` to it? */
  check_syslog_permissions(type: number): boolean {
    const open =
      type === syslog.SYSLOG_ACTION_READ_ALL || type === syslog.SYSLOG_ACTION_SIZE_BUFFER
    return (open && this.dmesg_restrict === 0) || this.#capabilities.capable(CAP_SYSLOG)
  }

  /**
   * syslog(2). `len` is the size of the caller's buffer in bytes, or the level. Text is
   * returned beside the value. SYSLOG_ACTION_READ waits for something to read.
   */
  do_syslog(type: number, len: number): MaybePromise<SyslogResult> {
    if (!this.check_syslog_permissions(type)) return { ret: -EPERM }
    switch (type) {
      case syslog.SYSLOG_ACTION_CLOSE:
      case syslog.SYSLOG_ACTION_OPEN:
        return { ret: 0 }
      case syslog.SYSLOG_ACTION_READ:
        return this.#syslogRead(len)
      case syslog.SYSLOG_ACTION_READ_ALL:
        return this.#syslogReadAll(len)
      case syslog.SYSLOG_ACTION_READ_CLEAR: {
        const answer = this.#syslogReadAll(len)
        this.#clearSeq = this.endSeq
        return answer
      }
      case syslog.SYSLOG_ACTION_CLEAR:
        this.#clearSeq = this.endSeq
        return { ret: 0 }
      case syslog.SYSLOG_ACTION_SIZE_UNREAD:
        return { ret: this.#unread() }
      case syslog.SYSLOG_ACTION_SIZE_BUFFER:
        return { ret: LOG_BUF_LEN }
      default:
        return { ret: this.#consoleLevel(type, len) }
    }
  }

  /** Settings of the log, in /proc/sys/kernel. */
  register_sysctl(sysctl: Sysctl): void {
    sysctl.register('kernel/printk', {
      read: () =>
        [
          this.console_loglevel,
          this.default_message_loglevel,
          this.minimum_console_loglevel,
          this.default_console_loglevel,
        ].join('\t'),
      write: sysctl.ints(
        n => (this.console_loglevel = n),
        n => (this.default_message_loglevel = n),
        n => (this.minimum_console_loglevel = n),
        n => (this.default_console_loglevel = n),
      ),
    })
    sysctl.register('kernel/dmesg_restrict', {
      read: () => String(this.dmesg_restrict),
      write: sysctl.int(n => (this.dmesg_restrict = n), { min: 0, max: 1 }),
    })
  }

  #consoleLevel(type: number, len: number): number {
    switch (type) {
      case syslog.SYSLOG_ACTION_CONSOLE_OFF:
        this.#savedLoglevel ??= this.console_loglevel
        this.console_loglevel = this.minimum_console_loglevel
        return 0
      case syslog.SYSLOG_ACTION_CONSOLE_ON:
        this.console_loglevel = this.#savedLoglevel ?? this.console_loglevel
        this.#savedLoglevel = undefined
        return 0
      case syslog.SYSLOG_ACTION_CONSOLE_LEVEL:
        if (len < 1 || len > 8) return -EINVAL
        this.console_loglevel = Math.max(len, this.minimum_console_loglevel)
        this.#savedLoglevel = undefined
        return 0
      default:
        return -EINVAL
    }
  }

  #unread(): number {
    return this.#records
      .filter(record => record.seq >= this.#syslogSeq)
      .reduce((sum, record) => sum + syslogBytes(record).length, -this.#syslogPartial)
  }

  /** The newest records that fit, since the last clear. */
  #syslogReadAll(len: number): { ret: number; text: Uint8Array } {
    const lines: Uint8Array[] = []
    let room = len
    for (const record of this.#records.toReversed()) {
      if (record.seq < this.#clearSeq) break
      const line = syslogBytes(record)
      room -= line.length
      if (room < 0) break
      lines.unshift(line)
    }
    const text = Buffer.concat(lines)
    return { ret: text.length, text }
  }

  /** What nobody has read this way yet. */
  #syslogRead(len: number): MaybePromise<SyslogResult> {
    const more = () => this.#syslogSeq < this.endSeq
    if (len === 0) return { ret: 0 }
    if (more()) return this.#takeUnread(len)
    const waited = this.#wait.wait_event_interruptible(this.log_wait, more)
    return Promise.resolve(waited).then(err =>
      err ? { ret: -EINTR } : this.#takeUnread(len),
    )
  }

  /** A record that does not fit is begun, and goes on with the next read. */
  #takeUnread(len: number): SyslogResult {
    const pieces: Uint8Array[] = []
    let room = len
    if (this.#syslogSeq < this.firstSeq) {
      this.#syslogSeq = this.firstSeq
      this.#syslogPartial = 0
    }
    while (room > 0 && this.#syslogSeq < this.endSeq) {
      const record = this.read(this.#syslogSeq)
      if (!record) break
      const line = syslogBytes(record).subarray(this.#syslogPartial)
      if (line.length > room && pieces.length > 0) break
      const piece = line.subarray(0, room)
      pieces.push(piece)
      room -= piece.length
      this.#syslogPartial += piece.length
      if (piece.length < line.length) break
      this.#syslogSeq = record.seq + 1
      this.#syslogPartial = 0
    }
    const text = Buffer.concat(pieces)
    return { ret: text.length, text }
  }

  #close(): void {
    const record = this.#open
    if (!record) return
    this.#open = undefined
    this.#records.push(record)
    this.#bytes += byteLength(record.text)
    this.#forgetOldest()
    if (record.level < this.console_loglevel) this.#console?.(record)
    this.#wait.wake_up_interruptible_all(this.log_wait)
  }

  #forgetOldest(): void {
    let drop = 0
    while (this.#bytes > LOG_BUF_LEN || this.#records.length - drop > RECORDS_MAX)
      this.#bytes -= byteLength(this.#records[drop++]?.text ?? '')
    if (drop > 0) this.#records.splice(0, drop)
  }
}

/** Take the levels off the front of a message: the first one counts, the rest vanish. */
function parseLevel(message: string): Message {
  let text = cutTo(message, LINE_MAX)
  let level: number | undefined
  let cont = false
  while (text.charCodeAt(0) === 1 && isLevel(text.charCodeAt(1))) {
    if (text.charCodeAt(1) === LOG_CONT) cont = true
    else level ??= Number(text[1])
    text = text.slice(2)
  }
  return { level, cont, text }
}

function isLevel(code: number): boolean {
  return (code >= 0x30 && code <= 0x37) || code === LOG_CONT
}

function syslogBytes(record: LogRecord): Buffer {
  return encodeText(formatSyslogRecord(record))
}

const ASCII = /^[\0-\x7f]*$/

/** Of the text as bytes; most texts have one a character. */
function byteLength(text: string): number {
  return ASCII.test(text) ? text.length : encodeText(text).length
}

/** The first `max` bytes of `text`. */
function cutTo(text: string, max: number): string {
  if (text.length * 3 <= max || byteLength(text) <= max) return text
  return decodeText(encodeText(text).subarray(0, max))
}
