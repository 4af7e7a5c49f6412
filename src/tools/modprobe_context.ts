// What modprobe works with: the machine, its configuration, the modules' folder and indexes.

import { readFileSync } from 'node:fs'
import { parseKernelCommandLine } from '../kmod/config_cmdline.ts'
import { CONFIG_FOLDERS, readConfig } from '../kmod/config_files.ts'
import type { Config } from '../kmod/config.ts'
import { Lookup } from '../kmod/lookup.ts'
import { type Indexes, openIndexes } from '../kmod/lookup_indexes.ts'
import type { KmodModule } from '../kmod/lookup_module.ts'
import type { Machine } from '../syscall/client.ts'
import { MachineError } from '../syscall/machine_error.ts'
import { initState } from './loaded_modules.ts'
import { configProblem, ModprobeLog } from './modprobe_log.ts'
import type { Settings } from './modprobe_options.ts'
import type { Options } from './options.ts'
import type { World } from './world.ts'

export interface Context {
  readonly world: World
  readonly settings: Settings
  readonly options: Options
  readonly log: ModprobeLog
  readonly lookup: Lookup
  readonly indexes: Indexes
  /** Undefined if none runs, and none is needed for what is asked. */
  readonly machine: Machine | undefined
}

/** Throws a MachineError if there is no machine, and the folder of the modules is not given. */
export function openContext(world: World, settings: Settings): Context {
  const { options } = settings
  const machine = findMachine(world, options)
  const dirname = modulesFolder(machine, options)
  const config = readConfiguration(world, machine, options, dirname)
  const indexes = openIndexes(dirname)
  const log = new ModprobeLog(world, {
    verbosity: settings.verbosity,
    syslog: options.has('syslog'),
    notFound: options.has('all') ? 'WARNING' : 'FATAL',
  })
  const lookup = new Lookup(dirname, config, indexes, path =>
    log.library(
      'libkmod-module.c:191 kmod_module_parse_depline()',
      `ctx=0x0 path=${path} error=No such file or directory`,
    ),
  )
  return { world, settings, options, log, lookup, indexes, machine }
}

/** The state of a module in the machine; undefined if it is not there. */
export function stateOf(
  { machine }: Context,
  module: KmodModule,
): 'live' | 'coming' | 'going' | 'builtin' | undefined {
  if (module.builtin) return 'builtin'
  const state = machine ? initState(machine, module.name) : 'absent'
  if (state === 'absent') return undefined
  // A folder without a state is, to libkmod, that of a module which is just being loaded.
  return state === 'builtin' ? 'coming' : state
}

/** With -d and -S a question about files can be answered without a machine. */
function findMachine(world: World, options: Options): Machine | undefined {
  try {
    return world.machine(options.get('machine'))
  } catch (error) {
    const given = options.has('dirname') && options.has('set-version')
    if (given && error instanceof MachineError) return undefined
    throw error
  }
}

/** Absolute, but put together as it was given: this is how it appears in what is printed. */
function modulesFolder(machine: Machine | undefined, options: Options): string {
  const own = machine?.root === '/' ? '' : (machine?.root ?? '')
  const root = options.get('dirname') ?? own
  const version = options.get('set-version') ?? read(machine, 'sys/kernel/osrelease')
  const folder = `${root}/lib/modules/${version.trim()}`
  return folder.startsWith('/') ? folder : `${process.cwd()}/${folder}`
}

function readConfiguration(
  world: World,
  machine: Machine | undefined,
  options: Options,
  dirname: string,
): Config {
  const given = options.all('config')
  const own = machine ? CONFIG_FOLDERS.map(folder => machine.path(folder)) : []
  const paths = given.length > 0 ? given : own
  const config = readConfig(paths, `${dirname}/modules.softdep`, problem =>
    world.err(configProblem(problem)),
  )
  parseKernelCommandLine(read(machine, 'cmdline'), config, module =>
    world.err(
      `libkmod: ERROR ../libkmod/libkmod-config.c:489 kcmdline_parse_result: Ignoring bad option on kernel command line while parsing module name: '${module}'\n`,
    ),
  )
  return config
}

/** A file of the machine's /proc; empty if it cannot be read. */
function read(machine: Machine | undefined, path: string): string {
  if (!machine) return ''
  try {
    return readFileSync(machine.path('proc', path), 'utf8')
  } catch {
    return ''
  }
}
