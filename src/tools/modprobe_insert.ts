// modprobe, loading: a module after all that it needs, as libkmod's probe does it.

import { EEXIST, EINVAL, ENOENT, ENOSYS } from '../include/uapi/errno.ts'
import {
  MODULE_INIT_IGNORE_MODVERSIONS,
  MODULE_INIT_IGNORE_VERMAGIC,
} from '../include/uapi/module.ts'
import type { KmodModule } from '../kmod/lookup_module.ts'
import { probeList } from '../kmod/lookup_probe.ts'
import { ModuleFileError, readModuleFile } from '../kmod/module_file.ts'
import type { Machine } from '../syscall/client.ts'
import { errnoOf, strerror } from './errors.ts'
import { expandCommand, runCommandFor } from './modprobe_command.ts'
import { type Context, stateOf } from './modprobe_context.ts'

/** Errors are -1 to -4095; what is below is not one to the C library. */
const MAX_ERRNO = 4095

/** Load what `name` means, with `parameters`: 0 or a negative error number, already reported. */
export async function insert(
  context: Context,
  name: string,
  parameters: string,
): Promise<number> {
  const { log, lookup } = context
  const modules = lookup.find(name) ?? []
  if (modules.length === 0) {
    log.fatal(`Module ${name} not found in directory ${lookup.dirname}`)
    return -ENOENT
  }
  let err = 0
  for (const module of modules) err = await insertOne(context, module, parameters)
  return err
}

async function insertOne(
  context: Context,
  module: KmodModule,
  parameters: string,
): Promise<number> {
  if (context.options.has('resolve-alias')) {
    context.world.out(`${module.name}\n`)
    return 0
  }
  const err = await probe(context, module, parameters)
  if (err < 0) {
    context.log.error(`could not insert '${module.name}': ${modprobeError(-err)}`)
  }
  return err
}

function modprobeError(errno: number): string {
  if (errno === EEXIST) return 'Module already in kernel'
  return errno === ENOENT
    ? 'Unknown symbol in module, or unknown parameter (see dmesg)'
    : strerror(errno)
}

/** Load `module` and all before it. What is there already is no error, unless --first-time. */
async function probe(
  context: Context,
  module: KmodModule,
  parameters: string,
): Promise<number> {
  const { options, lookup } = context
  const firstTime = options.has('first-time')
  if (isInKernel(context, module)) return firstTime ? -EEXIST : 0
  const mayBlock = module.alias !== undefined || options.has('use-blacklist')
  if (mayBlock && module.blacklisted) return 0

  for (const one of probeList(lookup, module, ignoresCommands(context))) {
    const err = isInKernel(context, one)
      ? -EEXIST
      : await act(context, one, one === module ? parameters : '')
    if (err === -EEXIST && one === module && firstTime) return err
    // Of soft dependencies no error counts.
    if (err < 0 && err !== -EEXIST && one.required) return err
  }
  return 0
}

function ignoresCommands({ options }: Context): boolean {
  return options.has('ignore-install') || options.has('ignore-remove')
}

/** -D shows all, loaded or not. */
function isInKernel(context: Context, module: KmodModule): boolean {
  if (context.options.has('show-depends')) return false
  const state = stateOf(context, module)
  return state === 'live' || state === 'builtin'
}

/** One module or its install command: show it, do it. */
async function act(
  context: Context,
  module: KmodModule,
  parameters: string,
): Promise<number> {
  const { options, log } = context
  const text = joinParameters(module.options, parameters)
  const command = module.ignoreCommand ? undefined : module.installCommand
  if (options.has('show-depends') || log.verbose) show(context, module, command, text)
  if (isDryRun(context)) return 0
  return command === undefined
    ? load(context, module, text)
    : install(context, module, expandCommand(command, text))
}

/** libkmod leaves a blank behind the configuration's options, whatever follows. */
function joinParameters(configured: string, typed: string): string {
  return configured === '' ? typed : `${configured} ${typed}`
}

export function isDryRun({ options }: Context): boolean {
  return ['dry-run', 'show', 'show-depends'].some(name => options.has(name))
}

function show(
  context: Context,
  module: KmodModule,
  command: string | undefined,
  parameters: string,
): void {
  const { out } = context.world
  if (command !== undefined) out(`install ${command} ${parameters}\n`)
  else if (module.path !== undefined) out(`insmod ${module.path} ${parameters}\n`)
  else if (stateOf(context, module) === 'builtin') out(`builtin ${module.name}\n`)
}

function install(context: Context, { name }: KmodModule, command: string): number {
  const status = runCommandFor(name, command, context)
  if (status === 0) return 0
  context.log.library(
    'libkmod-module.c:1047 command_do()',
    `Error running install command '${command}' for module ${name}: retcode ${status}`,
  )
  return -EINVAL
}

async function load(
  { log, machine, options }: Context,
  { path, name }: KmodModule,
  parameters: string,
): Promise<number> {
  if (path === undefined) {
    log.library(
      'libkmod-module.c:895 kmod_module_insert_module()',
      `could not find module by name='${name}'`,
    )
    return -ENOENT
  }
  if (!machine) return -ENOSYS
  const image = await imageOf(path)
  return typeof image === 'number'
    ? image
    : initModule(machine, image, parameters, loadFlags(options))
}

async function imageOf(path: string): Promise<Uint8Array | number> {
  try {
    return await readModuleFile(path)
  } catch (error) {
    return -(error instanceof ModuleFileError ? error.errno : errnoOf(error))
  }
}

function loadFlags(options: Context['options']): number {
  const either = (name: string) => options.has('force') || options.has(name)
  return (
    (either('force-modversion') ? MODULE_INIT_IGNORE_MODVERSIONS : 0) |
    (either('force-vermagic') ? MODULE_INIT_IGNORE_VERMAGIC : 0)
  )
}

function initModule(
  machine: Machine,
  image: Uint8Array,
  parameters: string,
  flags: number,
): number {
  const ret = machine.finitModule(image, parameters, flags)
  // libkmod takes ENOSYS for a kernel without finit_module, and tries the older call.
  const last = ret === -ENOSYS ? machine.initModule(image, parameters) : ret
  return last < -MAX_ERRNO ? -ENOENT : last
}
