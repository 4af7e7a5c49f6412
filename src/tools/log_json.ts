// The kernel log as JSON: dmesg -J.

import { formatTime, priority } from '../lib/kmsg.ts'
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
  const fields = [
    ...(decode ? names(record) : [['pri', String(priority(record))]]),
    ['time', formatTime(record.usec)],
    ['msg', JSON.stringify(record.text)],
  ]
  return `${fields.map(([name, value]) => `         "${name}": ${value}`).join(',\n')}\n`
}

function names(record: LogRecord): string[][] {
  return [
    ['fac', JSON.stringify(FACILITIES[record.facility] ?? null)],
    ['pri', JSON.stringify(levelName(record.level) ?? null)],
  ]
}
