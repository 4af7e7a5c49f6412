// The ring of log records: it keeps the newest, by number and by bytes of text.
// Linux: kernel/printk/printk_ringbuffer.c.
//
// Records are numbered without gaps, so a record's number says where it lies.

import { encodeText, type LogRecord } from '../lib/kmsg.ts'

/** Bytes of text that Linux expects of a record: the ring has one place for each so many. */
const AVERAGE_RECORD = 32

const ASCII = /^[\0-\x7f]*$/

/** Of the text as bytes; most texts have one a character. */
export function byteLength(text: string): number {
  return ASCII.test(text) ? text.length : encodeText(text).length
}

export class PrintkRingbuffer {
  /** Bytes of text it keeps: a power of two. */
  readonly size: number
  readonly #slots: (LogRecord | undefined)[]
  #bytes = 0
  #first = 0
  #end = 0

  constructor(size: number) {
    this.size = size
    this.#slots = Array.from({ length: size / AVERAGE_RECORD })
  }

  /** Number of the oldest record. */
  get firstSeq(): number {
    return this.#first
  }

  /** Number of the record that comes next. */
  get endSeq(): number {
    return this.#end
  }

  /** Add a record, whose number must be endSeq. The oldest go if there is no room. */
  add(record: LogRecord): void {
    const { length } = this.#slots
    this.#bytes += byteLength(record.text)
    while (
      this.#first < this.#end &&
      (this.#bytes > this.size || this.#end - this.#first >= length)
    )
      this.#forgetOldest()
    this.#slots[this.#end++ % length] = record
  }

  /** The first record at or after `seq`; undefined if there is none yet. */
  read(seq: number): LogRecord | undefined {
    if (seq >= this.#end) return undefined
    return this.#slots[Math.max(seq, this.#first) % this.#slots.length]
  }

  /** The records from `seq` on. */
  since(seq: number): LogRecord[] {
    const records: LogRecord[] = []
    for (let at = Math.max(seq, this.#first); at < this.#end; at++) {
      const record = this.#slots[at % this.#slots.length]
      if (record) records.push(record)
    }
    return records
  }

  #forgetOldest(): void {
    const at = this.#first++ % this.#slots.length
    this.#bytes -= byteLength(this.#slots[at]?.text ?? '')
    this.#slots[at] = undefined
  }
}
