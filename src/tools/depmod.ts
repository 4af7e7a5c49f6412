// depmod: writes the files by which modprobe finds modules, what they need, and their aliases.
// Linux: depmod(8) of kmod 30. What it works out is in src/kmod/depmod.ts.

import { existsSync } from 'node:fs'
import { depmod as workOut } from '../kmod/depmod.ts'
import type { DepmodConfig } from '../kmod/depmod_config.ts'
import type { DepmodLog } from '../kmod/depmod_log.ts'
import { readModule } from '../kmod/depmod_module.ts'
import type { ModulePlace } from '../kmod/depmod_priority.ts'
import { findModules, placeOf } from '../kmod/depmod_search.ts'
import { SymbolTable } from '../kmod/depmod_symbols.ts'
import {
  configPaths,
  readDepmodConfig,
  readKernelSymbols,
  readListFile,
} from './depmod_input.ts'
import { Failed, logTo, wordsOf } from './depmod_log.ts'
import { isUpToDate, writeIndexes, writeTexts } from './depmod_write.ts'
import { modulesFolder } from './module_files.ts'
import type { ModulesFolder } from './module_files.ts'
import { parseOptions } from './options.ts'
import type { Manual, Options } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'depmod',
  usage: `[-aA] [options] [version]
[options] version file...`,
  summary: 'Write modules.dep and the other files that modprobe reads.',
  options: [
    ['-a, --all', 'look at all modules: what it does without files'],
    ['-A, --quick', 'the same, but only if a module is newer than modules.dep'],
    ['-e, --errsyms', 'with -E or -F: report symbols that nobody exports'],
    ['-n, --show', 'write the texts to stdout, and no file'],
    ['--dry-run', 'the same'],
    ['-P, --symbol-prefix <CHAR>', 'symbols begin with this character'],
    [
      '-C, --config <PATH>',
      'use this file or folder instead of depmod.d;\nmay be repeated',
    ],
    ['-v, --verbose', 'show which module needs which, and why'],
    ['-w, --warn', 'report what a module says twice'],
    ['-b, --basedir <DIR>', 'look in DIR/lib/modules, not in the machine'],
    ['-F, --filesyms <FILE>', "the kernel's symbols, as in System.map"],
    ['-E, --symvers <FILE>', 'the same with versions, as in Module.symvers'],
  ],
  hidden: ['-u, --unresolved-error', '-q, --quiet', '-r, --root', '-m, --map'],
  notes: '',
  kmod: 28,
}

/** Options of older versions, and their letters. */
const DEPRECATED: Record<string, string> = {
  'unresolved-error': 'u',
  quiet: 'q',
  root: 'r',
  map: 'm',
}

/** All that was asked for. */
interface Job extends ModulesFolder {
  readonly options: Options
  /** Empty: the folder of the kernel's modules is searched. */
  readonly files: readonly string[]
  readonly log: DepmodLog
}

export async function depmod(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0
  const verbosity = options.all('verbose').length
  const log = logTo(world, verbosity)
  for (const [name] of options.given) warnOfDeprecated(name, argv, log)
  try {
    await run(readJob(options, log, world), world)
    return 0
  } catch (error) {
    if (error instanceof Failed) return 1
    throw error
  }
}

/** As it was spelled: in full, however short it was cut, or as a letter. */
function warnOfDeprecated(name: string, argv: readonly string[], log: DepmodLog): void {
  const letter = DEPRECATED[name]
  if (letter === undefined) return
  const long = argv.some(word => word.length > 2 && `--${name}`.startsWith(word))
  log('WARNING', `Ignored deprecated option ${long ? `--${name}` : `-${letter}`}`)
}

/** Throws a Failed for what makes no sense, and a MachineError if there is no machine. */
function readJob(options: Options, log: DepmodLog, world: World): Job {
  const [version, ...files] = options.operands
  if ((options.get('symbol-prefix')?.length ?? 1) !== 1) {
    throw failed(log, 'FATAL', '-P only takes a single char')
  }
  if (version !== undefined && !/^\s*[-+]?\d+\.\s*[-+]?\d+/.test(version)) {
    throw failed(log, 'ERROR', `Bad version passed ${version}`)
  }
  const folder = modulesFolder({
    basedir: options.get('basedir'),
    version,
    machine: () => world.machine(options.get('machine')),
  })
  return { options, files, log, ...folder }
}

async function run(job: Job, world: World): Promise<void> {
  const { options, files, dirname, log } = job
  const showOnly = options.has('show') || options.has('dry-run')
  if (options.has('quick') && (showOnly || isUpToDate(dirname, log))) return

  const symbols = new SymbolTable(options.get('symbol-prefix'))
  const known = readKernelSymbols(options, symbols, log)
  const all = files.length === 0 || options.has('all') || options.has('quick')
  const places = all ? searchAll(job) : named(job)
  const found = await Promise.all(places.map(readModule))
  const results = workOut(found, {
    dirname,
    symbols,
    link: {
      checkSymvers: options.has('symvers'),
      printUnknown: options.has('errsyms') && known,
    },
    warnDuplicates: options.has('warn'),
    log,
    file: name => readListFile(dirname, name, log),
    words: wordsOf,
  })
  if (!results) throw new Failed()
  if (showOnly) writeTexts(results, world)
  else writeIndexes(results, dirname)
}

function searchAll(job: Job): ModulePlace[] {
  const { dirname, log } = job
  try {
    const config = configOf(job)
    return [...findModules({ dirname, config, log, words: wordsOf }).values()]
  } catch (error) {
    throw failed(log, 'FATAL', `could not search modules: ${wordsOf(error)}`)
  }
}

function configOf({ options, machine, release, log }: Job): DepmodConfig {
  const given = options.all('config')
  const paths = given.length > 0 ? given : configPaths(machine?.root ?? '/')
  return readDepmodConfig(paths, release, log)
}

/** The modules on the command line. */
function named({ files, dirname, log }: Job): ModulePlace[] {
  const places = new Map<string, ModulePlace>()
  for (const path of files) {
    if (!path.startsWith('/')) throw failed(log, 'FATAL', `${path}: not absolute path.`)
    if (!existsSync(path)) {
      const reason = 'No such file or directory'
      throw failed(log, 'FATAL', `could not create module ${path}: ${reason}`)
    }
    const place = placeOf(path, dirname)
    if (places.has(place.name)) {
      log('ERROR', `hash_add_unique ${place.name}: File exists`)
      throw failed(log, 'FATAL', `could not add module ${path}: File exists`)
    }
    places.set(place.name, place)
  }
  return [...places.values()]
}

function failed(log: DepmodLog, level: 'FATAL' | 'ERROR', message: string): Failed {
  log(level, message)
  return new Failed()
}
