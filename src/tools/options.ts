// Command lines: a manual says which options there are, commander reads them, and mistakes
// are reported in getopt's words, as the tools these stand for do.

import type { Command, CommanderError, Option } from 'commander'
import { UsageError } from './errors.ts'
import { kmodHelp, KMOD_VERSION } from './kmod_help.ts'
import { packageVersion } from '../package.ts'
import { UTIL_LINUX_VERSION, utilLinuxHelp } from './util_linux_help.ts'
import type { World } from './world.ts'

/** All that `--help` shows, and what the command line may hold. */
export interface Manual {
  name: string
  /** What follows the name: '[options] FILE [name=value...]'. */
  usage: string
  summary: string
  /** Commander's way: ['-l, --level <list>', 'restrict output to these levels']. */
  options: readonly (readonly [flags: string, description: string])[]
  /** What follows the first operand is another program's. */
  passThrough?: boolean
  /** Where -h means something else. */
  helpFlags?: string
  /** Options that Linux's tool has not: refused where it stands in for that. */
  additions?: readonly (readonly [flags: string, description: string])[]
  /** Options that --help does not show. */
  hidden?: readonly string[]
  /** Exit status and an example. */
  notes: string
  /** Show help and version as kmod does: the column where descriptions begin. */
  kmod?: number
  /** With `kmod`: what stands above an option, by its flags. */
  headings?: Record<string, string>
  /** Show help and version as util-linux does. */
  utilLinux?: boolean
}

export const MACHINE_OPTION = [
  '--machine <dir>',
  'the machine mounted there, instead of $MODBOX_MNT, ./mnt or the only one',
] as const

/** What was given, in its order. Names are the long ones. */
export class Options {
  readonly given: readonly (readonly [name: string, value: string])[]
  readonly operands: readonly string[]

  constructor(given: Options['given'], operands: readonly string[]) {
    this.given = given
    this.operands = operands
  }

  has(name: string): boolean {
    return this.given.some(([other]) => other === name)
  }

  /** The values an option was given with; '' where an optional value was left out. */
  all(name: string): string[] {
    return this.given.filter(([other]) => other === name).map(([, value]) => value)
  }

  /** The last value counts. */
  get(name: string): string | undefined {
    return this.all(name).at(-1)
  }
}

/**
 * What `argv` says, or undefined when --help or --version was answered and all is done.
 * Throws a UsageError for a mistake.
 */
export async function parseOptions(
  manual: Manual,
  argv: readonly string[],
  world: World,
): Promise<Options | undefined> {
  // Most command lines have no options, and loading commander takes as long as the rest.
  if (!argv.some(arg => arg.startsWith('-'))) return new Options([], argv)

  const commander = await import('commander')
  const given: [string, string][] = []
  const command = makeCommand(forWorld(manual, world), new commander.Command(), world)
  for (const option of command.options) {
    command.on(`option:${option.name()}`, value =>
      given.push([option.name(), text(value)]),
    )
  }
  const words = manual.passThrough ? argv : spellOut(argv, command.options)
  return run(command, words, given)
}

/** --machine is always understood. */
function forWorld(manual: Manual, { plainName = false }: World): Manual {
  const { options, additions = [], hidden = [] } = manual
  if (manual.kmod === undefined && !manual.utilLinux) return manual
  const [machine] = MACHINE_OPTION
  const own = options.filter(([flags]) => flags !== machine)
  return plainName
    ? { ...manual, options: own, hidden: [...hidden, machine] }
    : { ...manual, options: [...own, ...additions, MACHINE_OPTION] }
}

function makeCommand(manual: Manual, command: Command, world: World): Command {
  command
    .name(manual.name)
    .usage(manual.usage)
    .description(manual.summary)
    .helpOption(manual.helpFlags ?? '-h, --help', 'show this help')
    .version(versionOf(manual), '-V, --version', 'show version')
    .argument('[operands...]')
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: world.out,
      writeErr: () => {},
      getOutHelpWidth: () => 100,
    })
    .configureHelp({ visibleArguments: () => [] })
  if (manual.passThrough) command.passThroughOptions()
  for (const [flags, description] of manual.options) command.option(flags, description)
  for (const flags of manual.hidden ?? []) command.option(flags)
  const { kmod } = manual
  if (manual.utilLinux) command.helpInformation = () => utilLinuxHelp(manual)
  else if (kmod === undefined) command.addHelpText('after', `\n${manual.notes}`)
  else command.helpInformation = () => kmodHelp(manual, kmod)
  return command
}

function versionOf({ name, kmod, utilLinux }: Manual): string {
  if (utilLinux) return `${name} from ${UTIL_LINUX_VERSION}`
  return kmod === undefined ? `modbox ${packageVersion()}` : KMOD_VERSION
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function run(
  command: Command,
  argv: readonly string[],
  given: Options['given'],
): Options | undefined {
  try {
    command.parse(argv, { from: 'user' })
    return new Options(given, command.args)
  } catch (error) {
    if (!isCommanderError(error)) throw error
    if (error.exitCode === 0) return undefined
    throw new UsageError(mistake(error, argv))
  }
}

function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && 'exitCode' in error && 'code' in error
}

/**
 * What getopt knows and commander does not: long options may be cut short, and an optional
 * value is only taken from the same word.
 */
function spellOut(argv: readonly string[], options: readonly Option[]): string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  return argv.map((arg, at) => (at < end ? spellOutOne(arg, options) : arg))
}

function spellOutOne(arg: string, options: readonly Option[]): string {
  const optional = options.find(
    option => option.optional && (arg === option.short || arg === option.long),
  )
  if (optional) return `${optional.long}=`
  const [, name, value = ''] = /^--([^=]+)(=.*)?$/.exec(arg) ?? []
  if (name === undefined || options.some(option => option.name() === name)) return arg

  const [only, ...others] = options.filter(option => option.name().startsWith(name))
  return only && others.length === 0 ? `--${only.name()}${value}` : arg
}

/** The mistake, in getopt's words. */
function mistake(error: CommanderError, argv: readonly string[]): string {
  const [, flags = ''] = /'([^']*)'/.exec(error.message) ?? []
  const last = argv.at(-1) ?? ''
  if (error.code === 'commander.optionMissingArgument') {
    return last.startsWith('--')
      ? `option '${last}' requires an argument`
      : `option requires an argument -- '${last.at(-1) ?? ''}'`
  }
  if (error.code !== 'commander.unknownOption') return error.message
  return flags.startsWith('--')
    ? `unrecognized option '${flags}'`
    : `invalid option -- '${flags.charAt(1)}'`
}
