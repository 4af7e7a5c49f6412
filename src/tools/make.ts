// make: build the drivers of a folder, .ts to .ko; remove and install what was built.

import { release } from 'node:os'
import { join } from 'node:path'
import type { KbuildOptions } from '../kbuild/options.ts'
import { packageRoot } from '../package.ts'
import { UsageError, ToolError } from './errors.ts'
import { parseOptions } from './options.ts'
import type { Manual, Options } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'modbox make',
  usage: '[options] [DIR] [TARGET] [C=1] [NAME=value...]',
  summary:
    'Build the drivers that the Kbuild or Makefile in DIR (or M=DIR, or here) lists.',
  options: [
    ['-B, --always-make', 'build even what is up to date'],
    ['-C, --directory <dir>', 'a build tree; accepted, as make would have it'],
    ['-j, --jobs [n]', 'accepted, as make would have it'],
    ['-o, --output <dir>', 'put .ko files there, not beside their sources'],
    ['-s, --silent', 'print mistakes only'],
    ['--print-build-tree', 'print the folder that GNU make can take for -C'],
    [
      '--stage <stage>',
      'compile or modpost: one half, for the Makefiles of the build tree',
    ],
  ],
  notes: `TARGET is one of
  modules          build (default)
  modules_install  copy what was built to /lib/modules/<release>/extra of the machine, or below
                   INSTALL_MOD_PATH; INSTALL_MOD_DIR and INSTALL_MOD_STRIP as Linux has them
  clean            remove all that was built

C=1 checks the types of what is compiled, with the typescript package; C=2 compiles and checks
everything. KBUILD_EXTRA_SYMBOLS names Module.symvers files of other modules;
KBUILD_MODPOST_WARN=1 lets undefined symbols pass. Other variables are for the Kbuild file.

Exit status: 0, or 1 if a driver has a mistake: it is shown with file, line and column.

Example:
  modbox make drivers
  make -C $(modbox make --print-build-tree) M=$PWD`,
}

/** What a command line asks for. */
interface Job {
  dir: string
  target: string
  variables: Record<string, string>
  kbuild: KbuildOptions
}

const TARGETS: Record<string, (job: Job, world: World) => Promise<void>> = {
  modules: build,
  modules_install: install,
  clean: cleanUp,
  compile: compileOnly,
  modpost: modpostOnly,
}

export async function make(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0
  if (options.has('print-build-tree')) {
    world.out(`${join(packageRoot(), 'linux-headers')}\n`)
    return 0
  }
  const job = jobOf(options, world)
  const run = TARGETS[job.target]
  if (!run) throw new UsageError(`no such stage: '${job.target}'`)

  const { KbuildError } = await import('../kbuild/errors.ts')
  try {
    await run(job, world)
    return 0
  } catch (error) {
    if (!(error instanceof KbuildError)) throw error
    world.err(`${error.message}\n`)
    // make itself says what it could not make.
    if (options.has('stage')) return 1
    throw new ToolError(`could not make ${job.target} of ${job.dir}`)
  }
}

function jobOf(options: Options, world: World): Job {
  const words = options.operands.filter(word => !word.includes('='))
  const variables = Object.fromEntries(
    options.operands.filter(word => word.includes('=')).map(splitVariable),
  )
  const targets = words.filter(word => Object.hasOwn(TARGETS, word))
  const dirs = words.filter(word => !targets.includes(word))
  if (dirs.length > 1)
    throw new UsageError(`one folder at a time: '${dirs.slice(1).join(' ')}'`)
  if (targets.length > 1)
    throw new UsageError(`one target at a time: '${targets.slice(1).join(' ')}'`)

  return {
    dir: dirs[0] ?? variables.M ?? variables.SUBDIRS ?? '.',
    target: options.get('stage') ?? targets[0] ?? 'modules',
    variables,
    kbuild: kbuildOptions(options, variables, world),
  }
}

function kbuildOptions(
  options: Options,
  { C = '0', ...defines }: Record<string, string>,
  world: World,
): KbuildOptions {
  const { KBUILD_EXTRA_SYMBOLS = '', KBUILD_MODPOST_WARN = '' } = defines
  const output = options.get('output')
  return {
    onLine: options.has('silent') ? () => {} : line => world.out(`${line}\n`),
    onWarning: text => world.err(`${text}\n`),
    check: C === '1' || C === '2',
    checkAll: C === '2',
    force: options.has('always-make'),
    defines,
    extraSymbols: KBUILD_EXTRA_SYMBOLS.split(/\s+/).filter(file => file !== ''),
    modpostWarn: KBUILD_MODPOST_WARN !== '' && KBUILD_MODPOST_WARN !== '0',
    ...(output === undefined ? {} : { output }),
  }
}

function splitVariable(word: string): [name: string, value: string] {
  const at = word.indexOf('=')
  return [word.slice(0, at), word.slice(at + 1)]
}

async function build({ dir, kbuild: options }: Job): Promise<void> {
  const { kbuild } = await import('../kbuild/kbuild.ts')
  await kbuild(dir, options)
}

async function compileOnly({ dir, kbuild: options }: Job, world: World): Promise<void> {
  const { compileStage } = await import('../kbuild/stages.ts')
  await compileStage(dir, world.env.KBUILD_PLAN ?? '', options)
}

async function modpostOnly({ dir, kbuild: options }: Job): Promise<void> {
  const { modpostStage } = await import('../kbuild/stages.ts')
  modpostStage(dir, options)
}

async function cleanUp({ dir, kbuild: options }: Job): Promise<void> {
  const { clean } = await import('../kbuild/clean.ts')
  clean(dir, options)
}

async function install(job: Job, world: World): Promise<void> {
  const { installModules } = await import('../kbuild/install.ts')
  const { INSTALL_MOD_PATH, INSTALL_MOD_DIR, INSTALL_MOD_STRIP } = job.variables
  // Without a path it is the machine's own /lib/modules: never the host's.
  const root = INSTALL_MOD_PATH || world.machine(undefined).root
  const modlib = join(root, 'lib', 'modules', release())
  installModules(job.dir, {
    ...job.kbuild,
    modlib,
    ...(INSTALL_MOD_DIR ? { folder: INSTALL_MOD_DIR } : {}),
    ...(INSTALL_MOD_STRIP ? { strip: INSTALL_MOD_STRIP } : {}),
  })
  job.kbuild.onLine?.(`  DEPMOD  ${modlib}`)
  const { depmod } = await import('./depmod.ts')
  const symvers = join(packageRoot(), 'linux-headers', 'Module.symvers')
  await depmod(['-a', '-e', '-E', symvers, '-b', root, release()], world)
}
