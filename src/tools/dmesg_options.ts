// What dmesg's options mean: which records, and how they look.

import { readFileSync } from 'node:fs'
import type { LogRecord } from '../lib/kmsg.ts'
import type { Machine } from '../syscall/client.ts'
import { ToolError } from './errors.ts'
import { FACILITIES, parseFacilities, parseLevels } from './log_names.ts'
import type { LogStyle, TimeFormat } from './log_printer.ts'
import { parseTimestamp } from './log_time_spec.ts'
import type { Options } from './options.ts'
import type { World } from './world.ts'

/** At most one of each row may be given. */
const EXCLUSIVE: readonly (readonly string[])[] = [
  ['clear', 'console-off', 'console-on', 'read-clear', 'console-level', 'raw'],
  ['human', 'raw'],
  ['color', 'raw'],
  ['syslog', 'follow'],
  ['ctime', 'raw'],
  ['show-delta', 'raw'],
  ['reltime', 'raw'],
  ['raw', 'decode'],
  ['raw', 'notime'],
]

/** Throws a ToolError if options contradict each other, or have values that are none. */
export function checkOptions(options: Options, fromKmsg: boolean): void {
  for (const size of options.all('buffer-size')) {
    if (!/^\d+$/.test(size))
      throw new ToolError(`invalid buffer size argument: '${size}'`)
  }
  for (const row of EXCLUSIVE) {
    if (row.filter(name => options.has(name)).length < 2) continue
    const names = row.map(name => ` --${name}`).join('')
    throw new ToolError(`mutually exclusive arguments:${names}`)
  }
  const chooses = ['level', 'facility', 'kernel', 'userspace'].some(name =>
    options.has(name),
  )
  if (options.has('raw') && chooses && !fromKmsg) throw new ToolError(RAW_AND_CHOICE)
}

const RAW_AND_CHOICE =
  '--raw can be used together with --level or --facility only when reading messages from /dev/kmsg'

/** Says of a record whether it is to be shown. */
export function logFilter(
  options: Options,
  machine: Machine | undefined,
): (record: LogRecord) => boolean {
  const levels = options.all('level').flatMap(parseLevels)
  const facilities = options.all('facility').flatMap(parseFacilities)
  if (options.has('kernel')) facilities.push(0)
  if (options.has('userspace')) facilities.push(...[...FACILITIES.keys()].slice(1))

  const inTime = timeFilter(options, machine)
  return ({ level, facility, usec }) =>
    (levels.length === 0 || levels.includes(level)) &&
    (facilities.length === 0 || facilities.includes(facility)) &&
    inTime(usec)
}

/** --since and --until, in whole seconds. */
function timeFilter(
  options: Options,
  machine: Machine | undefined,
): (usec: number) => boolean {
  const [since, until] = ['since', 'until'].map(name => secondsOf(options.get(name)))
  if (since === undefined && until === undefined) return () => true
  const boot = bootTime(machine) / 1000
  return usec => {
    const time = boot + Math.floor(usec / 1e6)
    return (since === undefined || time > since) && (until === undefined || time < until)
  }
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = parseTimestamp(text, Date.now())
  if (ms === undefined) throw new ToolError(`invalid time value "${text}"`)
  return Math.floor(ms / 1000)
}

/** The style that `options` ask for, or the plain one. */
export function logStyle(
  options: Options | undefined,
  world: World,
  machine: Machine | undefined,
): LogStyle {
  return {
    time: options ? timeFormat(options, world) : 'time',
    raw: options?.has('raw') ?? false,
    decode: options?.has('decode') ?? false,
    color: useColor(colorMode(options), world),
    forcePrefix: options?.has('force-prefix') ?? false,
    escape: !options?.has('noescape'),
    utf8: isUtf8(world.env),
    boot: bootTime(machine),
  }
}

/** Each of these options is a time format; the last one counts. */
const TIME_OPTIONS: Record<string, TimeFormat> = {
  ctime: 'ctime',
  reltime: 'reltime',
  human: 'reltime',
  notime: 'none',
}

const TIME_FORMATS: Record<string, TimeFormat> = {
  ctime: 'ctime',
  reltime: 'reltime',
  notime: 'none',
  delta: 'delta',
  iso: 'iso',
}

/** What becomes of a format beside --show-delta. */
const WITH_DELTA: Partial<Record<TimeFormat, TimeFormat>> = {
  time: 'time-delta',
  ctime: 'ctime-delta',
  reltime: 'delta',
  none: 'delta',
}

function timeFormat(options: Options, world: World): TimeFormat {
  let format: TimeFormat = 'time'
  for (const [name, value] of options.given) {
    if (name === 'time-format') format = namedFormat(value)
    else format = TIME_OPTIONS[name] ?? format
  }
  if (!options.has('show-delta')) return format
  if (format === 'iso') {
    world.err(
      'dmesg: --show-delta is ignored when used together with iso8601 time format\n',
    )
  }
  return WITH_DELTA[format] ?? format
}

function namedFormat(name: string): TimeFormat {
  const format = Object.hasOwn(TIME_FORMATS, name) ? TIME_FORMATS[name] : undefined
  if (format) return format
  throw new ToolError(`unknown time format: ${name}`)
}

type ColorMode = 'auto' | 'always' | 'never'

function colorMode(options: Options | undefined): ColorMode {
  // `-L=never` is a short option with the value "=never".
  const mode = options?.get('color')?.replace(/^=/, '') || 'auto'
  if (mode === 'auto' || mode === 'always' || mode === 'never') return mode
  throw new ToolError(`unsupported color mode: '${mode}'`)
}

/** Automatic colour is for terminals that can show it, unless $NO_COLOR is set. */
export function useColor(mode: ColorMode, { env, terminal }: World): boolean {
  if (mode !== 'auto') return mode === 'always'
  return terminal && !env.NO_COLOR && env.TERM !== 'dumb'
}

function isUtf8(env: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '')
}

/**
 * When the machine (or this host, for a file) was booted, in milliseconds since 1970: whole
 * seconds, so that the microseconds of a time of day are those of the record.
 */
function bootTime(machine: Machine | undefined): number {
  const file = machine?.path('proc', 'uptime') ?? '/proc/uptime'
  const [uptime = '0'] = readFileSync(file, 'utf8').split(' ')
  return Math.floor(Date.now() / 1000 - Number(uptime)) * 1000
}
