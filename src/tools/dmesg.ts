// dmesg: show or control the kernel log. Options and shapes are those of util-linux 2.38.

import {
  SYSLOG_ACTION_CLEAR,
  SYSLOG_ACTION_CONSOLE_LEVEL,
  SYSLOG_ACTION_CONSOLE_OFF,
  SYSLOG_ACTION_CONSOLE_ON,
  SYSLOG_ACTION_READ_ALL,
  SYSLOG_ACTION_READ_CLEAR,
} from '../include/uapi/syslog.ts'
import { encodeText, parseSyslog } from '../lib/kmsg.ts'
import type { LogRecord } from '../lib/kmsg.ts'
import type { Machine } from '../syscall/client.ts'
import { checkOptions, logFilter, logStyle, useColor } from './dmesg_options.ts'
import { ToolError, UsageError, strerror } from './errors.ts'
import { toJson } from './log_json.ts'
import { FACILITIES_IN_HELP, LEVELS, parseConsoleLevel } from './log_names.ts'
import { LogPrinter, rawLog } from './log_printer.ts'
import type { LogStyle } from './log_printer.ts'
import { followKmsg, readKmsg, readLogFile, readSyslog } from './log_source.ts'
import { parseOptions } from './options.ts'
import type { Manual, Options } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'dmesg',
  usage: '[options]',
  summary: 'Display or control the kernel ring buffer.',
  options: [
    ['-C, --clear', 'clear the kernel ring buffer'],
    ['-c, --read-clear', 'read and clear all messages'],
    ['-D, --console-off', 'disable printing messages to console'],
    ['-E, --console-on', 'enable printing messages to console'],
    ['-F, --file <file>', 'use the file instead of the kernel log buffer'],
    ['-f, --facility <list>', 'restrict output to defined facilities'],
    ['-H, --human', 'human readable output'],
    ['-J, --json', 'use JSON output format'],
    ['-k, --kernel', 'display kernel messages'],
    [
      '-L, --color [when]',
      'colorize messages (auto, always or never)\ncolors are enabled by default',
    ],
    ['-l, --level <list>', 'restrict output to defined levels'],
    ['-n, --console-level <level>', 'set level of messages printed to console'],
    ['-P, --nopager', 'do not pipe output into a pager'],
    ['-p, --force-prefix', 'force timestamp output on each line of multi-line messages'],
    ['-r, --raw', 'print the raw message buffer'],
    ['--noescape', "don't escape unprintable character"],
    ['-S, --syslog', 'force to use syslog(2) rather than /dev/kmsg'],
    ['-s, --buffer-size <size>', 'buffer size to query the kernel ring buffer'],
    ['-u, --userspace', 'display userspace messages'],
    ['-w, --follow', 'wait for new messages'],
    ['-W, --follow-new', 'wait and print only new messages'],
    ['-x, --decode', 'decode facility and level to readable string'],
    ['-d, --show-delta', 'show time delta between printed messages'],
    ['-e, --reltime', 'show local time and time delta in readable format'],
    ['-T, --ctime', 'show human-readable timestamp (may be inaccurate!)'],
    ['-t, --notime', "don't show any timestamp with messages"],
    [
      '--time-format <format>',
      'show timestamp using the given format:\n[delta|reltime|ctime|notime|iso]\n' +
        '^Suspending/resume will make ctime and iso timestamps inaccurate.',
    ],
    ['--since <time>', 'display the lines since the specified time'],
    ['--until <time>', 'display the lines until the specified time'],
  ],
  utilLinux: true,
  notes: `Supported log facilities:
${listed(FACILITIES_IN_HELP)}
Supported log levels (priorities):
${listed(LEVELS)}
For more details see dmesg(1).`,
}

/** One a line, with what each is for. */
function listed(rows: readonly (readonly [name: string, meaning: string])[]): string {
  return rows.map(([name, meaning]) => `${name.padStart(8)} - ${meaning}\n`).join('')
}

/** Linux asks for no less; the kernel gives what it has. */
const SMALLEST_BUFFER = 4096

/** What to do instead of showing the log, by option. */
const CONTROLS: Record<string, number> = {
  clear: SYSLOG_ACTION_CLEAR,
  'console-off': SYSLOG_ACTION_CONSOLE_OFF,
  'console-on': SYSLOG_ACTION_CONSOLE_ON,
  'console-level': SYSLOG_ACTION_CONSOLE_LEVEL,
}

export async function dmesg(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0
  checkOptions(options, source(options) === 'kmsg')
  if (options.operands.length > 0) throw new UsageError('bad usage')

  const control = Object.keys(CONTROLS).find(name => options.has(name))
  if (control) return controlLog(options, control, world)
  const follows = options.has('follow') || options.has('follow-new')
  if (follows && source(options) === 'kmsg') return follow(options, world)
  return show(options, world)
}

function controlLog(options: Options, control: string, world: World): number {
  const level = options.get('console-level')
  const value = level === undefined ? 0 : parseConsoleLevel(level)
  call(world.machine(options.get('machine')), CONTROLS[control] ?? 0, value)
  return 0
}

function call(machine: Machine, action: number, value = 0): void {
  const { ret } = machine.syslog(action, value)
  if (ret < 0) throw new ToolError(`klogctl failed: ${strerror(-ret)}`)
}

/** Where the log comes from: the last option that says so. */
function source(options: Options): 'kmsg' | 'file' | 'syslog' {
  const name = options.given.map(([given]) => given).findLast(given => SOURCES.has(given))
  return name === 'file' || name === 'syslog' ? name : 'kmsg'
}

const SOURCES = new Set(['file', 'syslog'])

async function show(options: Options, world: World): Promise<number> {
  const from = source(options)
  if (from === 'file') {
    await showText(readLogFile(options.get('file') ?? ''), options, world)
    return 0
  }
  const machine = world.machine(options.get('machine'))
  const clear = options.has('read-clear')
  const records = from === 'syslog' ? undefined : await readKmsg(machine)
  if (records) {
    await showRecords(records, options, world, machine)
    if (clear) call(machine, SYSLOG_ACTION_CLEAR)
    return 0
  }
  const action = clear ? SYSLOG_ACTION_READ_CLEAR : SYSLOG_ACTION_READ_ALL
  const text = readSyslog(machine, action, bufferSize(options))
  await showText(text, options, world, machine)
  return 0
}

function bufferSize(options: Options): number | undefined {
  const size = options.get('buffer-size')
  return size === undefined ? undefined : Math.max(Number(size), SMALLEST_BUFFER)
}

/** What syslog(2) or a file gave. Only of that has util-linux a raw form, and no forced prefix. */
async function showText(
  text: string,
  options: Options,
  world: World,
  machine?: Machine,
): Promise<void> {
  if (options.has('raw')) {
    world.out(encodeText(rawLog(text, logStyle(options, world, machine))))
    return
  }
  await showRecords(parseSyslog(text), options, world, machine, { forcePrefix: false })
}

async function showRecords(
  records: readonly LogRecord[],
  options: Options,
  world: World,
  machine: Machine | undefined,
  style: Partial<LogStyle> = {},
): Promise<void> {
  const chosen = records.filter(logFilter(options, machine))
  if (options.has('json')) {
    world.out(encodeText(toJson(chosen, options.has('decode'))))
    return
  }
  const printer = new LogPrinter({ ...logStyle(options, world, machine), ...style })
  const text = encodeText(chosen.map(record => printer.format(record)).join(''))
  if (options.has('human') && !options.has('nopager') && world.terminal)
    await page(text, world)
  else world.out(text)
}

/** Through $PAGER, or less. */
async function page(text: Buffer, world: World): Promise<void> {
  const { spawnSync } = await import('node:child_process')
  const env = { LESS: 'FRSX', ...world.env }
  const stdio = ['pipe', 'inherit', 'inherit'] as const
  const { error } = spawnSync(world.env.PAGER || 'less', {
    input: text,
    shell: true,
    env,
    stdio: [...stdio],
  })
  if (error) world.out(text)
}

async function follow(options: Options, world: World): Promise<number> {
  const machine = world.machine(options.get('machine'))
  const accept = logFilter(options, machine)
  const printer = new LogPrinter(logStyle(options, world, machine))
  for await (const record of followKmsg(machine, options.has('follow-new'))) {
    if (accept(record)) world.out(encodeText(printer.format(record)))
  }
  return 0
}

/** The last `count` records of a machine, as dmesg shows them. */
export async function lastMessages(
  machine: Machine,
  count: number,
  world: World,
): Promise<string> {
  const records = (await readKmsg(machine)) ?? parseSyslog(readSyslog(machine))
  const options = { color: useColor('auto', world) }
  const printer = new LogPrinter({ ...logStyle(undefined, world, machine), ...options })
  return records
    .slice(-count)
    .map(record => printer.format(record))
    .join('')
}
