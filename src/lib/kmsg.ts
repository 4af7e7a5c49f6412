// Records of the kernel log, as /dev/kmsg and syslog(2) write them: both ways.
// Linux: kernel/printk/printk.c, info_print_ext_header() and the like.
//
// A record's text is a string. Bytes that are not UTF-8 are in it as U+DC80 to U+DCFF,
// one a byte, so that every text goes back to the bytes it came from.

export interface LogRecord {
  /** Counts up from 0, one a record. */
  seq: number
  /** Microseconds since boot. */
  usec: number
  /** 0 (emergency) to 7 (debug). */
  level: number
  /** 0 is the kernel, 1 a user program; 3 and on, see syslog(3). */
  facility: number
  /** Written by KERN_CONT, yet it began a record of its own. */
  cont: boolean
  /** Without a newline at the end; there may be some inside. */
  text: string
  /** What dev_printk adds: SUBSYSTEM and DEVICE. */
  dict?: [key: string, value: string][]
}

/** One record as a read(2) of /dev/kmsg gives it: `6,1,0,-;text\n KEY=value\n`. */
export function formatKmsgRecord(record: LogRecord): string {
  const { seq, usec, cont, text, dict = [] } = record
  const head = `${priority(record)},${seq},${usec},${cont ? 'c' : '-'}`
  const pairs = dict.map(([key, value]) => ` ${key}=${escapeText(value)}\n`)
  return `${head};${escapeText(text)}\n${pairs.join('')}`
}

/** The number in `<6>`: facility and level in one. */
export function priority(record: Pick<LogRecord, 'facility' | 'level'>): number {
  return (record.facility << 3) | record.level
}

const KMSG_LINE = /^(\d+),(\d+),(\d+),([^;,]*)[^;]*;(.*)$/

/** All records in `chunk`, which holds whole ones. What is no record is left out. */
export function parseKmsg(chunk: string): LogRecord[] {
  const records: LogRecord[] = []
  for (const line of chunk.split('\n')) {
    const last = records.at(-1)
    if (line.startsWith(' ') && last) addPair(last, line.slice(1))
    else records.push(...parseKmsgLine(line))
  }
  return records
}

/** One record, or none. */
function parseKmsgLine(line: string): LogRecord[] {
  const match = KMSG_LINE.exec(line)
  if (!match) return []

  const [, prio, seq, usec, flags, text = ''] = match
  const cont = flags === 'c'
  const times = { seq: Number(seq), usec: Number(usec) }
  return [{ ...times, ...splitPriority(Number(prio)), cont, text: unescapeText(text) }]
}

function splitPriority(prio: number): { level: number; facility: number } {
  return { level: prio & 7, facility: prio >> 3 }
}

function addPair(record: LogRecord, line: string): void {
  const at = line.indexOf('=')
  if (at < 0) return
  record.dict ??= []
  record.dict.push([line.slice(0, at), unescapeText(line.slice(at + 1))])
}

/**
 * One record as syslog(2) gives it: `<6>[    5.726126] text\n`, each line of the text with
 * its own prefix. `time` false leaves the time out.
 */
export function formatSyslogRecord(record: LogRecord, time = true): string {
  const prefix = `<${priority(record)}>${time ? `[${formatTime(record.usec)}] ` : ''}`
  return record.text
    .split('\n')
    .map(line => `${prefix}${line}\n`)
    .join('')
}

/** Seconds and microseconds, as dmesg shows them: "    5.726126". */
export function formatTime(usec: number): string {
  const seconds = String(Math.floor(usec / 1e6)).padStart(5)
  return `${seconds}.${String(usec % 1e6).padStart(6, '0')}`
}

const SYSLOG_LINE = /^(?:<(\d+)>)?(?:\[ *(\d+)\.(\d{6})\] ?)?(.*)$/

/** A record out of a text. */
export interface SyslogRecord extends LogRecord {
  /** The text from this message on to the end of all. */
  rest: string
}

/**
 * The records of what syslog(2) gave. Numbers are counted from 0. A line without `<n>` belongs
 * to the record before; if it is the first, its level and facility are -1. Lines without a
 * time are at 0.
 */
export function parseSyslog(text: string): SyslogRecord[] {
  const records: SyslogRecord[] = []
  let at = 0
  while (at < text.length) {
    const found = text.indexOf('\n', at)
    const end = found < 0 ? text.length : found
    const line = text.slice(at, end)
    const last = records.at(-1)
    if (last && !line.startsWith('<')) last.text += `\n${line}`
    else {
      const record = parseSyslogLine(line, records.length)
      records.push({ ...record, rest: text.slice(end - record.text.length) })
    }
    at = end + 1
  }
  return records
}

function parseSyslogLine(line: string, seq: number): LogRecord {
  const [, prio, seconds = '0', micros = '0', text = ''] = SYSLOG_LINE.exec(line) ?? []
  const usec = Number(seconds) * 1e6 + Number(micros)
  const where =
    prio === undefined ? { level: -1, facility: -1 } : splitPriority(Number(prio))
  return { seq, usec, ...where, cont: false, text }
}

const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/

/** Control characters, the backslash and all beyond ASCII as \xNN, a byte each. */
export function escapeText(text: string): string {
  if (PLAIN.test(text)) return text
  return Array.from(encodeText(text), escapeByte).join('')
}

function escapeByte(byte: number): string {
  if (byte >= 0x20 && byte < 0x7f && byte !== 0x5c) return String.fromCharCode(byte)
  return `\\x${byte.toString(16).padStart(2, '0')}`
}

/** Undo escapeText(). */
export function unescapeText(text: string): string {
  if (!text.includes('\\x')) return text
  const bytes = text.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return decodeText(Buffer.from(bytes, 'latin1'))
}

const LONE_BYTE = /[\udc80-\udcff]/
const BYTES_AS_SURROGATES = 0xdc00

/** The text that `bytes` are; bytes that are not UTF-8 become U+DC80 to U+DCFF. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return decodePieces(bytes)
  }
}

/** As decodeText(), for what is not all UTF-8: one sequence at a time. */
function decodePieces(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.subarray(at, at + sequenceLength(bytes[at] ?? 0))
    try {
      text += decoder.decode(piece)
      at += piece.length
    } catch {
      text += String.fromCharCode(BYTES_AS_SURROGATES + (bytes[at] ?? 0))
      at++
    }
  }
  return text
}

/** How many bytes the UTF-8 sequence that begins with `lead` has. */
function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4
  if (lead >= 0xe0) return 3
  return lead >= 0xc0 ? 2 : 1
}

/** Undo decodeText(). */
export function encodeText(text: string): Buffer {
  if (!LONE_BYTE.test(text)) return Buffer.from(text)
  const pieces = Array.from(text, char =>
    char.length === 1 && LONE_BYTE.test(char)
      ? Buffer.from([char.charCodeAt(0) - BYTES_AS_SURROGATES])
      : Buffer.from(char),
  )
  return Buffer.concat(pieces)
}
