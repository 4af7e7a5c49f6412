// Times as people type them: "yesterday", "2 hours ago", "2026-11-21 02:08". What --since and
// --until take, as in util-linux.

import { DAYS } from './log_time.ts'

/** Milliseconds in each unit of a span. */
const UNITS: Record<string, number> = unitTable([
  ['seconds second sec s', 1000],
  ['minutes minute min m', 60_000],
  ['hours hour hr h', 3_600_000],
  ['days day d', 86_400_000],
  ['weeks week w', 7 * 86_400_000],
  ['months month', 2_629_800_000],
  ['years year y', 31_557_600_000],
  ['msec ms', 1],
  ['usec us', 0.001],
])

function unitTable(rows: [names: string, ms: number][]): Record<string, number> {
  return Object.fromEntries(
    rows.flatMap(([names, ms]) => names.split(' ').map(name => [name, ms])),
  )
}

/** Milliseconds since 1970; undefined for what is no time. `now`: the same. */
export function parseTimestamp(text: string, now: number): number | undefined {
  const today = new Date(now)
  if (text === 'now') return now
  if (text === 'today') return today.setHours(0, 0, 0, 0)
  if (text === 'yesterday') return dayFrom(today, -1)
  if (text === 'tomorrow') return dayFrom(today, 1)
  if (/^[-+]/.test(text)) return moved(now, text.slice(1), text.startsWith('-') ? -1 : 1)
  if (text.endsWith(' ago')) return moved(now, text.slice(0, -' ago'.length), -1)
  return calendarTime(text, today)
}

function dayFrom(date: Date, days: number): number {
  date.setDate(date.getDate() + days)
  return date.setHours(0, 0, 0, 0)
}

function moved(now: number, span: string, sign: 1 | -1): number | undefined {
  const ms = parseSpan(span)
  return ms === undefined ? undefined : now + sign * ms
}

/** "1h 30min", "2.5 days", "90": milliseconds. */
function parseSpan(text: string): number | undefined {
  let rest = text.trim()
  if (rest === '') return undefined
  let total = 0
  while (rest !== '') {
    const [part, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)\s*/.exec(rest) ?? []
    const ms = unit === '' ? 1000 : UNITS[unit]
    if (part === undefined || ms === undefined) return undefined
    total += Number(number) * ms
    rest = rest.slice(part.length)
  }
  return total
}

const DATE =
  /^(\d{2}|\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?$/
const CLOCK = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/
const DIGITS = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/

/** A date, a time of day, or both, in local time; a day of the week before it has to be right. */
function calendarTime(text: string, today: Date): number | undefined {
  const [, weekday, rest = text] = /^([A-Za-z]{3})[a-z]* (.*)$/.exec(text) ?? []
  const match = DATE.exec(rest) ?? DIGITS.exec(rest)
  const clock = CLOCK.exec(rest)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    ? match.slice(1).map(part => Number(part ?? 0))
    : clock
      ? [today.getFullYear(), today.getMonth() + 1, today.getDate(), ...numbers(clock)]
      : []
  if (day === 0 || month === 0 || month > 12 || hour > 23 || minute > 59 || second > 60)
    return undefined
  const full = year < 100 ? year + (year < 69 ? 2000 : 1900) : year
  const date = new Date(full, month - 1, day, hour, minute, second)
  const named =
    weekday && weekday.charAt(0).toUpperCase() + weekday.slice(1).toLowerCase()
  return named && DAYS[date.getDay()] !== named ? undefined : date.getTime()
}

function numbers(match: RegExpExecArray): number[] {
  return match.slice(1).map(part => Number(part ?? 0))
}
