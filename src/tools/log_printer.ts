// How dmesg shows a record: prefix, time, colours, lines under each other. The shapes are those
// of util-linux 2.38.

import { encodeText, formatTime } from '../lib/kmsg.ts'
import type { LogRecord } from '../lib/kmsg.ts'
import { FACILITIES, levelName } from './log_names.ts'
import { clockTime, isoTime, minuteTime } from './log_time.ts'

export type TimeFormat =
  'time' | 'ctime' | 'reltime' | 'iso' | 'none' | 'delta' | 'time-delta' | 'ctime-delta'

export interface LogStyle {
  time: TimeFormat
  /** `<6>[    5.726126] text`, as syslog(2) has it. */
  raw: boolean
  /** Name facility and level in front. */
  decode: boolean
  color: boolean
  /** Every line of a record gets the prefix, not only the first. */
  forcePrefix: boolean
  /** Show what cannot be printed as \xNN. */
  escape: boolean
  /** Characters beyond ASCII can be printed. */
  utf8: boolean
  /** When the machine was booted, in milliseconds since 1970. */
  boot: number
}

const GREEN = '\x1b[32m'
const BROWN = '\x1b[33m'
const RED = '\x1b[31m'
const BOLD = '\x1b[1m'
const HALF_BRIGHT = '\x1b[2m'
const REVERSE = '\x1b[7m'
const RESET = '\x1b[0m'

const LEVEL_COLORS: Record<number, string> = {
  1: REVERSE + RED,
  2: BOLD + RED,
  3: RED,
  4: BOLD,
}

// All control characters but those that only move on: tab, newline and their like. A lone
// surrogate stands for a byte that is not UTF-8.
const UNPRINTABLE = /(?![\t-\r])[\p{Cc}\p{Cs}]/gu
const UNPRINTABLE_ASCII = /(?![\t-\r])[\p{Cc}\P{ASCII}]/gu

/** Deltas of this many seconds and more get one column more. */
const WIDE_DELTA = 10

/** Turns records into lines, in their order: deltas are counted from the one before. */
export class LogPrinter {
  readonly #style: LogStyle
  #last: number | undefined
  #lastMinute: string

  constructor(style: LogStyle) {
    this.#style = style
    // The zero of C's struct tm: the first record begins a new minute, unless it is this one.
    this.#lastMinute = minuteKey(new Date(1900, 0, 1))
  }

  /** The record's lines, each with its newline. An empty record is an empty line. */
  format(record: LogRecord): string {
    if (record.text === '') return '\n'

    const decoded = this.#decode(record)
    const { stamp, newMinute } = this.#stamp(record)
    const shown = this.#paint(newMinute ? GREEN + BOLD : GREEN, stamp)
    const indent = decoded.length + stamp.length
    if (!this.#style.forcePrefix) {
      return `${decoded}${shown}${this.#text(record, record.text, indent)}\n`
    }
    const repeated = this.#style.time === 'reltime' ? '[  +0.000000] ' : stamp
    return record.text
      .split('\n')
      .filter(line => line !== '')
      .map((line, at) => {
        const time = at === 0 ? shown : this.#paint(GREEN, repeated)
        return `${decoded}${time}${this.#text(record, line, indent)}\n`
      })
      .join('')
  }

  #decode(record: LogRecord): string {
    const facility = FACILITIES[record.facility]
    const level = levelName(record.level)
    if (!this.#style.decode || facility === undefined || level === undefined) return ''
    return `${facility.padEnd(6)}:${level.padEnd(6)}: `
  }

  /** The time in front, with the blank behind it. */
  #stamp(record: LogRecord): { stamp: string; newMinute?: boolean } {
    const { usec } = record
    const time = formatTime(usec)
    // util-linux joins facility and level without the shift that Linux's own <n> has.
    const joined = record.facility | record.level
    if (this.#style.raw) return { stamp: `<${joined}>[${time}] ` }

    const date = new Date(this.#style.boot + usec / 1000)
    switch (this.#style.time) {
      case 'none':
        return { stamp: '' }
      case 'time':
        return { stamp: `[${time}] ` }
      case 'ctime':
        return { stamp: `[${clockTime(date)}] ` }
      case 'iso':
        return { stamp: `${isoTime(this.#style.boot, usec)} ` }
      case 'delta':
        return { stamp: `[<${this.#delta(usec)}>] ` }
      case 'time-delta':
        return { stamp: `[${time} <${this.#delta(usec)}>] ` }
      case 'ctime-delta':
        return { stamp: `[${clockTime(date)} <${this.#delta(usec)}>] ` }
      case 'reltime':
        return this.#relative(usec, date)
    }
  }

  #delta(usec: number): string {
    return this.#seconds(usec).toFixed(6).padStart(12)
  }

  /** Seconds since the record before; 0 for the first. */
  #seconds(usec: number): number {
    // A time of 0 counts as none, as it does in a C struct timeval.
    const seconds = this.#last ? (usec - this.#last) / 1e6 : 0
    this.#last = usec
    return seconds
  }

  #relative(usec: number, date: Date): { stamp: string; newMinute?: boolean } {
    const seconds = this.#seconds(usec)
    const minute = minuteKey(date)
    const newMinute = minute !== this.#lastMinute
    this.#lastMinute = minute
    if (newMinute) return { stamp: `[${minuteTime(date)}] `, newMinute }

    const delta = `${seconds < 0 ? '-' : '+'}${Math.abs(seconds).toFixed(6)}`
    const shown =
      seconds < WIDE_DELTA ? `  ${delta.padStart(8)}` : ` ${delta.padStart(9)}`
    return { stamp: `[${shown}] ` }
  }

  #text(record: LogRecord, text: string, indent: number): string {
    const lines = (part: string) =>
      this.#visible(part).replaceAll('\n', `\n${' '.repeat(indent)}`)
    if (!this.#style.color) return lines(text)

    const at = subsystemLength(text)
    const rest = text.slice(at)
    return (
      this.#paint(BROWN, lines(text.slice(0, at))) +
      this.#paint(textColor(record, rest), lines(rest))
    )
  }

  #paint(color: string, text: string): string {
    return this.#style.color && text !== '' && color !== '' ? color + text + RESET : text
  }

  #visible(text: string): string {
    return visible(text, this.#style)
  }
}

/** A whole log of syslog(2)'s, as it is but for what cannot be printed. */
export function rawLog(text: string, style: LogStyle): string {
  return visible(text === '' || text.endsWith('\n') ? text : `${text}\n`, style)
}

function visible(text: string, { escape, utf8 }: LogStyle): string {
  return escape ? text.replace(utf8 ? UNPRINTABLE : UNPRINTABLE_ASCII, hex) : text
}

function hex(char: string): string {
  return Array.from(
    encodeText(char),
    byte => `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('')
}

/** How much of `text` is the name in front, such as "usb 1-1: "; something has to follow. */
function subsystemLength(text: string): number {
  const at = text.search(/:[ \t][^]/)
  return at < 0 ? 0 : at + 2
}

function textColor(record: LogRecord, text: string): string {
  const color = LEVEL_COLORS[record.level]
  if (color !== undefined) return color
  return text.includes('segfault at') ? HALF_BRIGHT + RED : ''
}

function minuteKey(date: Date): string {
  return `${date.getMonth()} ${date.getDate()} ${date.getHours()} ${date.getMinutes()}`
}
