// The log: printk(). Linux: kernel/printk/printk.c.
//
// A record whose text has no newline stays open: KERN_CONT goes on with it, and readers do not
// see it until something closes it. That is what Linux does, and why a forgotten "\n" hides a message.

import type { file_operations } from '../include/linux/fs.ts'
import { wait_queue_head } from '../include/linux/wait.ts'
import { decodeText, encodeText, type LogRecord } from '../lib/kmsg.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { PrintfContext } from '../lib/vsprintf.ts'
import type { Capabilities } from './capability.ts'
import { KmsgReader } from './kmsg.ts'
import { PrintkRingbuffer, byteLength } from './printk_ringbuffer.ts'
import { PrintkSettings } from './printk_settings.ts'
import { Ratelimits } from './ratelimit.ts'
import type { Scheduler } from './sched.ts'
import { Syslog } from './syslog.ts'
import type { WaitQueues } from './wait.ts'

/** What Linux's text buffer of 1024 bytes leaves for one message, its level included. */
const LINE_MAX = 991
/** A record that KERN_CONT goes on with grows no longer than this, in bytes. */
const RECORD_MAX = 992
/** What a continuation takes of that besides its text: KERN_CONT and a NUL. */
const CONT_OVERHEAD = 3
const LOG_CONT = 'c'.charCodeAt(0)
const SOH = 1

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

interface Options {
  /** On the clock of performance.now(). */
  bootTime: number
  /** Sees each record as it is closed. */
  console?: (record: LogRecord) => void
  /** What %p and %pS ask. */
  formats?: PrintfContext
  /** The kernel's command line. */
  cmdline?: string
}

export class Printk {
  static readonly EXPORT_SYMBOL = ['_printk', 'vprintk', 'kmsg_fops'] as const

  /** Readers of /dev/kmsg that wait for the next record. */
  readonly log_wait = new wait_queue_head()
  readonly syslog: Syslog
  readonly settings: PrintkSettings
  readonly ratelimits: Ratelimits
  readonly kmsg_fops: file_operations<KmsgReader>
  /** Sequence number of the first record that syslog(2) still shows. */
  clearSeq = 0

  readonly #bootTime: number
  readonly #console: ((record: LogRecord) => void) | undefined
  readonly #formats: PrintfContext | undefined
  readonly #sched: Scheduler
  readonly #wait: WaitQueues
  readonly #ring: PrintkRingbuffer
  /** The record that is still without its newline. */
  #open: LogRecord | undefined
  /** Only the task that opened it goes on with it. */
  #openedBy = 0

  constructor({ sched, wait, capabilities }: Needs, options: Options) {
    this.#sched = sched
    this.#wait = wait
    this.settings = new PrintkSettings(options.cmdline)
    this.#ring = new PrintkRingbuffer(this.settings.log_buf_len)
    this.ratelimits = new Ratelimits(this)
    this.syslog = new Syslog(this, wait, capabilities)
    this.#bootTime = options.bootTime
    this.#console = options.console
    this.#formats = options.formats
    this.kmsg_fops = KmsgReader.file_operations(this, wait, sched)
  }

  /** Log a message; how many bytes of text that gave, without level and newline. */
  printk(fmt: string, ...args: unknown[]): number {
    return this.vprintk(fmt, args)
  }

  /** What printk() is in a driver, and under the name that nm and kallsyms show. */
  _printk(fmt: string, ...args: unknown[]): number {
    return this.vprintk(fmt, args)
  }

  vprintk(fmt: string, args: readonly unknown[]): number {
    const { level, cont, text } = parseLevel(vsnprintf(fmt, args, this.#formats))
    return this.vprintk_emit(0, level, cont, text)
  }

  /**
   * Store `text`; facility 0 is the kernel, `level` undefined the default. `dict` is what a device's
   * message says of it; no KERN_CONT goes on with that. The text's bytes, without the newline.
   */
  vprintk_emit(
    facility: number,
    level: number | undefined,
    cont: boolean,
    text: string,
    dict?: [string, string][],
  ): number {
    const newline = text.endsWith('\n')
    const line = newline ? text.slice(0, -1) : text
    const length = byteLength(line)
    const caller = this.#sched.current.pid
    const open = cont && this.#openedBy === caller ? this.#open : undefined
    const more = length + (newline ? 1 : 0) + CONT_OVERHEAD
    if (open && byteLength(open.text) + more <= RECORD_MAX) {
      open.text += line
    } else {
      this.#close()
      this.#openedBy = caller
      this.#open = {
        seq: this.#ring.endSeq,
        usec: this.usec(),
        level: level ?? this.settings.default_message_loglevel,
        facility,
        cont,
        text: line,
        ...(dict ? { dict } : {}),
      }
    }
    if (newline || dict) this.#close()
    if (this.settings.printk_delay > 0) this.#delay()
    return length
  }

  /** The same for a device's driver: the kernel's own message, with SUBSYSTEM and DEVICE. */
  dev_vprintk_emit(
    level: number | undefined,
    dict: [string, string][] | undefined,
    fmt: string,
    args: readonly unknown[],
  ): number {
    const text = cutTo(vsnprintf(fmt, args, this.#formats), LINE_MAX)
    return this.vprintk_emit(0, level, false, text, dict)
  }

  /** Microseconds since boot: what every record is stamped with. */
  usec(): number {
    return Math.floor((performance.now() - this.#bootTime) * 1000)
  }

  /** The first record at or after `seq`. */
  read(seq: number): LogRecord | undefined {
    return this.#ring.read(seq)
  }

  /** The records from `seq` on. */
  since(seq: number): LogRecord[] {
    return this.#ring.since(seq)
  }

  get firstSeq(): number {
    return this.#ring.firstSeq
  }

  /** Sequence number that the next complete record will have. */
  get endSeq(): number {
    return this.#ring.endSeq
  }

  /** Bytes of text that the ring keeps. */
  get size(): number {
    return this.#ring.size
  }

  register_sysctl(...[sysctl]: Parameters<PrintkSettings['register_sysctl']>): void {
    this.settings.register_sysctl(sysctl)
    this.ratelimits.register_sysctl(sysctl)
  }

  #close(): void {
    const record = this.#open
    if (!record) return
    this.#open = undefined
    this.#ring.add(record)
    const { console_loglevel, ignore_loglevel } = this.settings
    if (ignore_loglevel || record.level < console_loglevel) this.#console?.(record)
    this.#wait.wake_up_interruptible_all(this.log_wait)
  }

  /** As Linux does, the whole machine waits. */
  #delay(): void {
    const until = performance.now() + this.settings.printk_delay
    while (performance.now() < until);
  }
}

/** Take the levels off the front of a message: the first one counts, the rest vanish. */
function parseLevel(message: string): Message {
  let text = cutTo(message, LINE_MAX)
  let level: number | undefined
  let cont = false
  let at = 0
  while (text.charCodeAt(at) === SOH && isLevel(text.charCodeAt(at + 1))) {
    if (text.charCodeAt(at + 1) === LOG_CONT) cont = true
    else level ??= Number(text[at + 1])
    at += 2
  }
  if (at > 0) text = text.slice(at)
  return { level, cont, text }
}

function isLevel(code: number): boolean {
  return (code >= 0x30 && code <= 0x37) || code === LOG_CONT
}

/** The first `max` bytes of `text`. */
function cutTo(text: string, max: number): string {
  if (text.length * 3 <= max || byteLength(text) <= max) return text
  return decodeText(encodeText(text).subarray(0, max))
}
