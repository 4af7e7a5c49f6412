// insmod: load a module from a file. The machine does all the checking; this reads the file,
// makes the call, and puts the answer in words. Not in Linux's: -v, which tells the steps.

import { existsSync, statSync } from 'node:fs'
import { ENOENT, ENOSYS } from '../include/uapi/errno.ts'
import {
  MODULE_INIT_IGNORE_MODVERSIONS,
  MODULE_INIT_IGNORE_VERMAGIC,
} from '../include/uapi/module.ts'
import { readModuleFile } from '../kmod/module_file.ts'
import type { Machine } from '../syscall/client.ts'
import { ToolError, errnoOf, insmodError, strerror } from './errors.ts'
import { loadStory } from './load_story.ts'
import { parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'insmod',
  usage: '[options] filename [args]',
  summary: 'Load the module in a file, with parameters.',
  options: [],
  additions: [['-v, --verbose', 'tell each step of the load']],
  // kmod's help does not show -f; the others are of older tools, accepted without effect.
  hidden: ['-f', '-s', '-p'],
  notes: '',
  kmod: 18,
}

/** Errors are -1 to -4095; what is below is not one to the C library. */
const MAX_ERRNO = 4095

export async function insmod(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0

  const [file, ...args] = options.operands
  if (file === undefined) throw new ToolError('missing filename.')

  const module = await readModule(file)
  const machine = world.machine(options.get('machine'))
  const verbose = options.has('verbose')
  if (verbose) world.out(`insmod ${[file, ...args].join(' ')}\n`)

  const request = { params: args.join(' '), force: options.has('f'), verbose }
  const ret = load(machine, module, request, world)
  if (ret < 0) throw insertFailed(file, -ret)
  return 0
}

interface ModuleFile {
  image: Uint8Array
  /** libkmod unpacks it, so the kernel gets it out of memory. */
  compressed: boolean
}

/** The module in `file`. Throws a ToolError as libkmod would refuse it. */
async function readModule(file: string): Promise<ModuleFile> {
  try {
    const { size } = statSync(file)
    const image = await readModuleFile(file)
    return { image, compressed: image.length !== size }
  } catch (error) {
    const errno = errnoOf(error)
    if (existsSync(file)) throw insertFailed(file, errno)
    throw new ToolError(`could not load module ${file}: ${strerror(errno)}`)
  }
}

interface Request {
  params: string
  force: boolean
  verbose: boolean
}

/** What the system call returned. */
function load(
  machine: Machine,
  { image, compressed }: ModuleFile,
  { params, force, verbose }: Request,
  world: World,
): number {
  const flags = force ? MODULE_INIT_IGNORE_MODVERSIONS | MODULE_INIT_IGNORE_VERMAGIC : 0
  const call = (name: 'init_module' | 'finit_module') => {
    const asked = { flags: name === 'init_module' ? 0 : flags, trace: verbose }
    const { ret, steps } = machine.load(name, image, params, asked)
    if (verbose) world.out(loadStory(steps, ret))
    return ret
  }
  if (compressed && !force) return call('init_module')
  // libkmod takes ENOSYS for a kernel without finit_module, and tries the older call.
  const ret = call('finit_module')
  return ret === -ENOSYS ? call('init_module') : ret
}

/** A value that is no error leaves the C library's errno as it was: ENOENT, from a search. */
function insertFailed(file: string, errno: number): ToolError {
  const reason = insmodError(errno > MAX_ERRNO ? ENOENT : errno)
  return new ToolError(`could not insert module ${file}: ${reason}`)
}
