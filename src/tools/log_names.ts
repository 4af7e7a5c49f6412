// The names of log levels and facilities, and lists of them as people type them.

import { ToolError } from './errors.ts'

/** In order of their numbers, with what each is for. */
export const LEVELS: readonly (readonly [name: string, meaning: string])[] = [
  ['emerg', 'system is unusable'],
  ['alert', 'action must be taken immediately'],
  ['crit', 'critical conditions'],
  ['err', 'error conditions'],
  ['warn', 'warning conditions'],
  ['notice', 'normal but significant condition'],
  ['info', 'informational'],
  ['debug', 'debug-level messages'],
]

/** In order of their numbers. Those that dmesg knows; syslog(3) has more. */
export const FACILITIES: readonly string[] =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp'.split(' ')

/** Those that dmesg's help shows, with what each is for. */
export const FACILITIES_IN_HELP: readonly (readonly [name: string, meaning: string])[] = [
  ['kern', 'kernel messages'],
  ['user', 'random user-level messages'],
  ['mail', 'mail system'],
  ['daemon', 'system daemons'],
  ['auth', 'security/authorization messages'],
  ['syslog', 'messages generated internally by syslogd'],
  ['lpr', 'line printer subsystem'],
  ['news', 'network news subsystem'],
]

export function levelName(level: number): string | undefined {
  return LEVELS[level]?.[0]
}

/** "err,warn" or "3,4" as numbers. Throws a ToolError for what is no level. */
export function parseLevels(list: string): number[] {
  const names = LEVELS.map(([name]) => name)
  return list.split(',').map(item => parseName(item, names, 'level'))
}

/** "kern,user" or "0,1" as numbers. Throws a ToolError for what is no facility. */
export function parseFacilities(list: string): number[] {
  return list.split(',').map(item => parseName(item, FACILITIES, 'facility'))
}

/**
 * The console level that `name` means: messages up to that level are shown. A number is the
 * level itself, 1 to 8. Throws a ToolError.
 */
export function parseConsoleLevel(name: string): number {
  if (!/^\d+$/.test(name)) return (parseLevels(name)[0] ?? 0) + 1
  const level = Number(name)
  if (level >= 1 && level <= LEVELS.length) return level
  throw new ToolError(`unknown level '${name}'`)
}

function parseName(item: string, names: readonly string[], what: string): number {
  const number = /^\d+$/.test(item) ? Number(item) : names.indexOf(item)
  if (names[number] !== undefined) return number
  throw new ToolError(`unknown ${what} '${item}'`)
}
