// modprobe's command line, and the options that $MODPROBE_OPTIONS adds to it.

import { ToolError } from './errors.ts'
import { DEFAULT_VERBOSITY } from './modprobe_log.ts'
import { MACHINE_OPTION, parseOptions } from './options.ts'
import type { Manual, Options } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'modprobe',
  usage: `[options] [-i] [-b] modulename [parameters]
[options] -a [-i] [-b] modulename [modulename...]
[options] -r [-i] modulename
[options] -r -a [-i] modulename [modulename...]
[options] -c
[options] --dump-modversions filename`,
  summary: 'Load modules by name or alias, with all that they need, or remove them.',
  options: [
    ['-a, --all', 'each word is a module to load, or to remove (-r)'],
    ['-r, --remove', 'remove modules'],
    ['--remove-dependencies', 'the same as --remove-holders'],
    ['--remove-holders', 'with -r: remove the modules that use it, too'],
    ['-w, --wait <MSEC>', 'with -r: wait up to MSEC until nobody uses it'],
    ['--first-time', 'fail if it is loaded, or removed, already'],
    ['-i, --ignore-install', 'run no install commands, load no soft\ndependencies'],
    ['--ignore-remove', 'the same for removing'],
    ['-b, --use-blacklist', 'apply the blacklist to names as well'],
    ['-f, --force', 'both of the following'],
    ['--force-modversion', 'ignore the versions of symbols'],
    ['--force-vermagic', 'ignore which kernel it was built for'],
    ['-R, --resolve-alias', 'only show which module is meant'],
    ['-D, --show-depends', 'only show what would be loaded'],
    ['-c, --showconfig', 'show the configuration and the indexes'],
    ['--show-config', 'the same'],
    ['--show-modversions', 'show the versions a file was built against'],
    ['--dump-modversions', 'the same'],
    ['--show-exports', 'show the symbols that a file exports'],
    ['-n, --dry-run', 'do everything but load or remove'],
    ['--show', 'the same'],
    [
      '-C, --config <FILE>',
      'use this file or folder instead of modprobe.d;\nmay be repeated',
    ],
    ['-d, --dirname <DIR>', 'look in DIR/lib/modules'],
    ['-S, --set-version <VERSION>', "use VERSION, not the running kernel's"],
    ['-s, --syslog', 'report to syslog, not on stderr'],
    ['-q, --quiet', 'say nothing'],
    ['-v, --verbose', 'show each action'],
    MACHINE_OPTION,
  ],
  headings: {
    '-a, --all': 'Management Options',
    '-R, --resolve-alias': 'Query Options',
    '-n, --dry-run': 'General Options',
  },
  notes: '',
  kmod: 28,
}

/** Options that commands which modprobe runs are to have as well: they may run modprobe. */
const INHERITED: Record<string, string> = {
  config: '-C',
  syslog: '-s',
  quiet: '-q',
  verbose: '-v',
}

export interface Settings {
  readonly options: Options
  /** The modules, or the module and its parameters. */
  readonly operands: readonly string[]
  /** See LogOptions. */
  readonly verbosity: number
  /** Milliseconds. */
  readonly wait: number
  /** $MODPROBE_OPTIONS for the commands that it runs. */
  readonly inherited: string
}

/** Undefined if --help or --version has been answered. Throws a ToolError for a mistake. */
export async function readSettings(
  argv: readonly string[],
  world: World,
): Promise<Settings | undefined> {
  const env = world.env.MODPROBE_OPTIONS ?? ''
  const options = await parseOptions(MANUAL, [...splitWords(env), ...argv], world)
  if (!options) return undefined

  const settings = {
    options,
    operands: options.operands,
    verbosity: verbosity(options),
    wait: milliseconds(options.get('wait')),
    inherited: [env, ...inherited(options)].filter(word => word !== '').join(' '),
  }
  const isQuestion = options.has('showconfig') || options.has('show-config')
  if (options.operands.length === 0 && !isQuestion) {
    throw new ToolError('missing parameters. See -h.')
  }
  return settings
}

/** -q: nothing; each -v more, from where it was. */
function verbosity({ given }: Options): number {
  return given.reduce<number>((level, [name]) => {
    if (name === 'quiet') return 0
    return name === 'verbose' ? level + 1 : level
  }, DEFAULT_VERBOSITY)
}

function milliseconds(wait: string | undefined): number {
  if (wait === undefined) return 0
  const number = /^0[0-7]+$/.test(wait) ? Number.parseInt(wait, 8) : Number(wait)
  if (wait !== '' && Number.isInteger(number)) return number
  throw new ToolError(`unexpected wait value '${wait}'.`)
}

function inherited({ given }: Options): string[] {
  return given.flatMap(([name, value]) => {
    const flag = INHERITED[name]
    if (flag === undefined) return []
    return name === 'config' ? [flag, value] : [flag]
  })
}

/** Blanks separate, but not within quotes, which are taken off. */
function splitWords(text: string): string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^ ])+/g) ?? []
  return words.map(word => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'))
}

/** Parameters as the kernel reads them: values with blanks get quotes, unless they have some. */
export function parameterText(words: readonly string[]): string {
  return words.map(word => word.replace(/^([^=]*=)(?!["'])(.* .*)$/s, '$1"$2"')).join(' ')
}
