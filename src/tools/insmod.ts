// insmod: load a module from a file. The machine does all the checking; this reads the file,
// makes the call, and puts the answer in words. Not in Linux's: -v, which tells the steps.

import { readFileSync, statSync } from 'node:fs'
import { EINVAL, ENOENT, ENOSYS } from '../include/uapi/errno.ts'
import {
  MODULE_INIT_IGNORE_MODVERSIONS,
  MODULE_INIT_IGNORE_VERMAGIC,
} from '../include/uapi/module.ts'
import type { Machine } from '../syscall/client.ts'
import { ToolError, errnoOf, insmodError, strerror } from './errors.ts'
import { loadStory } from './load_story.ts'
import { MACHINE_OPTION, parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'insmod',
  usage: '[options] filename [args]',
  summary: 'Load the module in a file, with parameters.',
  options: [
    ['-f', 'load it even if it was built for another\nkernel'],
    ['-v, --verbose', 'tell each step of the load'],
    MACHINE_OPTION,
  ],
  // What insmod of module-init-tools had: accepted, without effect.
  hidden: ['-s', '-p'],
  notes: '',
  kmod: 18,
}

/** libkmod looks at the first bytes for a compression, and refuses a file that has not so many. */
const SHORTEST_FILE = 6

/** Errors are -1 to -4095; what is below is not one to the C library. */
const MAX_ERRNO = 4095

export async function insmod(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0

  const [file, ...args] = options.operands
  if (file === undefined) throw new ToolError('missing filename.')

  const image = readImage(file)
  const machine = world.machine(options.get('machine'))
  const params = args.join(' ')
  const load = options.has('verbose') ? telling(machine, world) : plainly(machine)
  if (options.has('verbose')) world.out(`insmod ${[file, ...args].join(' ')}\n`)

  const ret = load(image, params, options.has('f'))
  if (ret < 0) throw insertFailed(file, -ret)
  return 0
}

/** The module in `file`. Throws a ToolError as libkmod would refuse it. */
function readImage(file: string): Buffer {
  try {
    statSync(file)
  } catch (error) {
    throw new ToolError(`could not load module ${file}: ${strerror(errnoOf(error))}`)
  }
  try {
    const image = readFileSync(file)
    if (image.length >= SHORTEST_FILE) return image
  } catch (error) {
    throw insertFailed(file, errnoOf(error))
  }
  throw insertFailed(file, EINVAL)
}

type Load = (image: Buffer, params: string, force: boolean) => number

const flagsOf = (force: boolean) =>
  force ? MODULE_INIT_IGNORE_MODVERSIONS | MODULE_INIT_IGNORE_VERMAGIC : 0

function plainly(machine: Machine): Load {
  return (image, params, force) =>
    unlessENOSYS(machine.finitModule(image, params, flagsOf(force)), () =>
      machine.initModule(image, params),
    )
}

/** The same two calls; the machine's account of each is printed. */
function telling(machine: Machine, world: World): Load {
  const told: Machine['load'] = (...call) => {
    const { ret, steps } = machine.load(...call)
    world.out(loadStory(steps, ret))
    return { ret, steps }
  }
  return (image, params, force) => {
    const asked = { flags: flagsOf(force), trace: true }
    return unlessENOSYS(
      told('finit_module', image, params, asked).ret,
      () => told('init_module', image, params, { trace: true }).ret,
    )
  }
}

/** libkmod takes ENOSYS for a kernel without finit_module, and tries the older call. */
function unlessENOSYS(ret: number, again: () => number): number {
  return ret === -ENOSYS ? again() : ret
}

/** A value that is no error leaves the C library's errno as it was: ENOENT, from a search. */
function insertFailed(file: string, errno: number): ToolError {
  const reason = insmodError(errno > MAX_ERRNO ? ENOENT : errno)
  return new ToolError(`could not insert module ${file}: ${reason}`)
}
