// The log: printk() and its ring of records. Linux: kernel/printk/printk.c.
//
// A record whose text has no newline stays open: KERN_CONT goes on with it, and readers do not
// see it until something closes it. That is what Linux does, and why a forgotten "\n" hides a message.

import type { file_operations } from '../include/linux/fs.ts'
import { wait_queue_head } from '../include/linux/wait.ts'
import { decodeText, encodeText, type LogRecord } from '../lib/kmsg.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { Capabilities } from './capability.ts'
import { KmsgReader } from './kmsg.ts'
import type { Scheduler } from './sched.ts'
import type { Sysctl } from './sysctl.ts'
import { Syslog } from './syslog.ts'
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

export class Printk {
  static readonly EXPORT_SYMBOL = ['printk', 'kmsg_fops'] as const

  /** Readers of /dev/kmsg that wait for the next record. */
  readonly log_wait = new wait_queue_head()
  readonly syslog: Syslog
  readonly kmsg_fops: file_operations<KmsgReader>
  /** Bytes of text it can keep. */
  readonly size = LOG_BUF_LEN
  console_loglevel = 7
  default_message_loglevel = 4
  minimum_console_loglevel = 1
  default_console_loglevel = 7
  dmesg_restrict = 1
  /** Sequence number of the first record that syslog(2) still shows. */
  clearSeq = 0

  readonly #bootTime: number
  readonly #console: ((record: LogRecord) => void) | undefined
  readonly #sched: Scheduler
  readonly #wait: WaitQueues
  #records: LogRecord[] = []
  #bytes = 0
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
    this.syslog = new Syslog(this, wait, capabilities)
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

  /** The records from `seq` on. */
  since(seq: number): LogRecord[] {
    return this.#records.slice(Math.max(0, seq - this.firstSeq))
  }

  get firstSeq(): number {
    return this.#records[0]?.seq ?? this.#nextSeq
  }

  /** Sequence number that the next complete record will have. */
  get endSeq(): number {
    return this.#open ? this.#open.seq : this.#nextSeq
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
