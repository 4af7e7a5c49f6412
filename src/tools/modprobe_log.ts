// What modprobe has to say: to stderr or to syslog, and only what is as important as was asked for.

import { spawnSync } from 'node:child_process'
import type { FileProblem } from '../kmod/config_files.ts'
import type { World } from './world.ts'

/** syslog(3)'s, and what the tools call them. */
const LEVELS = {
  FATAL: { priority: 2, syslog: 'crit' },
  ERROR: { priority: 3, syslog: 'err' },
  WARNING: { priority: 4, syslog: 'warning' },
} as const

export type Level = keyof typeof LEVELS

/** How much is said if nothing else is asked for: warnings and what is worse. */
export const DEFAULT_VERBOSITY = LEVELS.WARNING.priority

/** A fatal message has been written: modprobe ends with status 1. */
export class Fatal extends Error {}

export interface LogOptions {
  /** The least important priority that is still written. -q: 0, -v: one more each. */
  readonly verbosity: number
  readonly syslog: boolean
  /** What a name that leads nowhere is: with several names (-a) only a warning. */
  readonly notFound: Level
}

export class ModprobeLog {
  readonly #world: World
  readonly #options: LogOptions

  constructor(world: World, options: LogOptions) {
    this.#world = world
    this.#options = options
  }

  /** -v: each action is shown. */
  get verbose(): boolean {
    return this.#options.verbosity > DEFAULT_VERBOSITY
  }

  error(message: string): void {
    this.#write('ERROR', message)
  }

  warning(message: string): void {
    this.#write('WARNING', message)
  }

  /** Ends modprobe with a Fatal, unless there are several names, or nothing is to be said. */
  fatal(message: string): void {
    this.#write(this.#options.notFound, message)
  }

  /** An error in libkmod's words; `where` is its place in kmod 30, as "file.c:line function()". */
  library(where: string, message: string): void {
    this.#write('ERROR', `../libkmod/${where} ${message}`)
  }

  #write(level: Level, message: string): void {
    const { priority, syslog } = LEVELS[level]
    if (priority > this.#options.verbosity) return
    const text = `${level}: ${message}`
    if (this.#options.syslog) toSyslog(`daemon.${syslog}`, text)
    else this.#world.err(`modprobe: ${text}\n`)
    if (level === 'FATAL') throw new Fatal(message)
  }
}

/** By way of logger(1); where there is none, the messages are lost, as without a syslogd. */
function toSyslog(priority: string, text: string): void {
  spawnSync('logger', ['-t', 'modprobe', '-p', priority, '--', text], { stdio: 'ignore' })
}

/**
 * What is wrong in a configuration file. It is read before options like -q and -s have a
 * meaning for libkmod, which so speaks for itself.
 */
export function configProblem({ file, problem }: FileProblem): string {
  const library = (where: string, message: string) =>
    `libkmod: ERROR ../libkmod/libkmod-config.c:${where}: ${message}\n`
  if (problem.kind === 'nested folder') {
    return library(
      '772 conf_files_filter_out',
      `Directories inside directories are not supported: ${file}`,
    )
  }
  if (problem.kind === 'deprecated') {
    return library(
      '708 kmod_config_parse',
      `${file}: command ${problem.word} is deprecated and not parsed anymore`,
    )
  }
  return library(
    '712 kmod_config_parse',
    `${file} line ${problem.line}: ignoring bad line starting with '${problem.word}'`,
  )
}
