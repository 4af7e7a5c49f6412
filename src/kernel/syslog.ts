// syslog(2): the log as dmesg(1) reads and rules it. Linux: do_syslog() in kernel/printk/printk.c.

import { EINTR, EINVAL, EPERM } from '../include/linux/errno.ts'
import { CAP_SYSLOG } from '../include/linux/capability.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import * as uapi from '../include/uapi/syslog.ts'
import { encodeText, formatSyslogRecord, type LogRecord } from '../lib/kmsg.ts'
import type { Capabilities } from './capability.ts'
import type { Printk } from './printk.ts'
import type { WaitQueues } from './wait.ts'

/** The value of syslog(2), and the bytes for the caller's buffer. */
export interface SyslogResult {
  ret: number
  text?: Uint8Array
}

export class Syslog {
  readonly #log: Printk
  readonly #wait: WaitQueues
  readonly #capabilities: Capabilities
  /** What SYSLOG_ACTION_READ gives next: this record, from `#partial` on. */
  #seq = 0
  /** What syslog(2) has read of the record at `#seq`, in bytes. */
  #partial = 0
  /** What CONSOLE_ON brings back after CONSOLE_OFF. */
  #savedLevel: number | undefined

  constructor(log: Printk, wait: WaitQueues, capabilities: Capabilities) {
    this.#log = log
    this.#wait = wait
    this.#capabilities = capabilities
  }

  /** May the caller read the log, or do `type` to it? */
  check_syslog_permissions(type: number): boolean {
    const open =
      type === uapi.SYSLOG_ACTION_READ_ALL || type === uapi.SYSLOG_ACTION_SIZE_BUFFER
    return (
      (open && this.#log.settings.dmesg_restrict === 0) ||
      this.#capabilities.capable(CAP_SYSLOG)
    )
  }

  /**
   * syslog(2). `len` is the size of the caller's buffer in bytes, or the level. Text is
   * returned beside the value. SYSLOG_ACTION_READ waits for something to read.
   */
  do_syslog(type: number, len: number): MaybePromise<SyslogResult> {
    if (!this.check_syslog_permissions(type)) return { ret: -EPERM }
    switch (type) {
      case uapi.SYSLOG_ACTION_CLOSE:
      case uapi.SYSLOG_ACTION_OPEN:
        return { ret: 0 }
      case uapi.SYSLOG_ACTION_READ:
        return this.#read(len)
      case uapi.SYSLOG_ACTION_READ_ALL:
        return this.#readAll(len)
      case uapi.SYSLOG_ACTION_READ_CLEAR: {
        const answer = this.#readAll(len)
        this.#log.clearSeq = this.#log.endSeq
        return answer
      }
      case uapi.SYSLOG_ACTION_CLEAR:
        this.#log.clearSeq = this.#log.endSeq
        return { ret: 0 }
      case uapi.SYSLOG_ACTION_SIZE_UNREAD:
        return { ret: this.#unread() }
      case uapi.SYSLOG_ACTION_SIZE_BUFFER:
        return { ret: this.#log.size }
      default:
        return { ret: this.#consoleLevel(type, len) }
    }
  }

  #consoleLevel(type: number, len: number): number {
    const log = this.#log.settings
    switch (type) {
      case uapi.SYSLOG_ACTION_CONSOLE_OFF:
        this.#savedLevel ??= log.console_loglevel
        log.console_loglevel = log.minimum_console_loglevel
        return 0
      case uapi.SYSLOG_ACTION_CONSOLE_ON:
        log.console_loglevel = this.#savedLevel ?? log.console_loglevel
        this.#savedLevel = undefined
        return 0
      case uapi.SYSLOG_ACTION_CONSOLE_LEVEL:
        if (len < 1 || len > 8) return -EINVAL
        log.console_loglevel = Math.max(len, log.minimum_console_loglevel)
        this.#savedLevel = undefined
        return 0
      default:
        return -EINVAL
    }
  }

  /** Is there anything that SYSLOG_ACTION_READ would give at once? */
  get unread(): boolean {
    return this.#seq < this.#log.endSeq
  }

  #unread(): number {
    this.#skipOverwritten()
    return this.#log
      .since(this.#seq)
      .reduce((sum, record) => sum + this.#bytesOf(record).length, -this.#partial)
  }

  /** The newest records that fit, since the last clear. */
  #readAll(len: number): { ret: number; text: Uint8Array } {
    const lines: Uint8Array[] = []
    let room = len
    for (const record of this.#log.since(this.#log.clearSeq).toReversed()) {
      const line = this.#bytesOf(record)
      room -= line.length
      if (room < 0) break
      lines.unshift(line)
    }
    const text = Buffer.concat(lines)
    return { ret: text.length, text }
  }

  /** What nobody has read this way yet. */
  #read(len: number): MaybePromise<SyslogResult> {
    const more = () => this.unread
    if (len === 0) return { ret: 0 }
    if (more()) return this.#takeUnread(len)
    const waited = this.#wait.wait_event_interruptible(this.#log.log_wait, more)
    return Promise.resolve(waited).then(err =>
      err ? { ret: -EINTR } : this.#takeUnread(len),
    )
  }

  /** A record that does not fit is begun, and goes on with the next read. */
  #takeUnread(len: number): SyslogResult {
    const pieces: Uint8Array[] = []
    let room = len
    this.#skipOverwritten()
    while (room > 0 && this.#seq < this.#log.endSeq) {
      const record = this.#log.read(this.#seq)
      if (!record) break
      const line = this.#bytesOf(record).subarray(this.#partial)
      if (line.length > room && pieces.length > 0) break
      const piece = line.subarray(0, room)
      pieces.push(piece)
      room -= piece.length
      this.#partial += piece.length
      if (piece.length < line.length) break
      this.#seq = record.seq + 1
      this.#partial = 0
    }
    const text = Buffer.concat(pieces)
    return { ret: text.length, text }
  }

  #bytesOf(record: LogRecord): Buffer {
    return encodeText(formatSyslogRecord(record, this.#log.settings.time))
  }

  #skipOverwritten(): void {
    if (this.#seq >= this.#log.firstSeq) return
    this.#seq = this.#log.firstSeq
    this.#partial = 0
  }
}
