// The kernel log as JSON: dmesg -J.

import { formatTime } from '../lib/kmsg.ts'
import type { LogRecord } from '../lib/kmsg.ts'
import { FACILITIES, levelName } from './log_names.ts'

/** `decode`: name facility and level. Empty records are left out. */
export function toJson(records: readonly LogRecord[], decode: boolean): string {
  const objects = records.filter(({ text }) => text !== '').map(r => toObject(r, decode))
  const list =
    objects.length === 0 ? '' : `\n      {\n${objects.join('      },{\n')}      }`
  return `{\n   "dmesg": [${list}\n   ]\n}\n`
}

function toObject(record: LogRecord, decode: boolean): string {
  // util-linux joins facility and level without the shift that <n> has.
  const fields = [
    ...(decode ? names(record) : [['pri', String(record.facility | record.level)]]),
    ['time', formatTime(record.usec)],
    // Of a text, util-linux's JSON has all that follows: a slip of its own, kept for equality.
    ['msg', quoted('rest' in record ? String(record.rest) : record.text)],
  ]
  return `${fields.map(([name, value]) => `         "${name}": ${value}`).join(',\n')}\n`
}

function names(record: LogRecord): string[][] {
  return [
    ['fac', JSON.stringify(FACILITIES[record.facility] ?? null)],
    ['pri', JSON.stringify(levelName(record.level) ?? null)],
  ]
}

/** Bytes that are not UTF-8 stay what they are; JSON.stringify() would make escapes of them. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/\\u(dc[89a-f][\da-f])/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}
