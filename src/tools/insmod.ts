// insmod: load a module from a file. The machine does all the checking; this reads the file,
// makes the call, and puts the answer in words.

import { readFileSync, statSync } from 'node:fs'
import { EINVAL, ENOENT, ENOSYS } from '../include/uapi/errno.ts'
import {
  MODULE_INIT_IGNORE_MODVERSIONS,
  MODULE_INIT_IGNORE_VERMAGIC,
} from '../include/uapi/module.ts'
import type { Machine } from '../syscall/client.ts'
import { ToolError, errnoOf, insmodError, strerror } from './errors.ts'
import { MACHINE_OPTION, parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'insmod',
  usage: '[options] FILE [name=value...]',
  summary: 'Load the module in FILE, with parameters.',
  options: [
    ['-f, --force', 'load it even if it was built for another kernel'],
    ['-v, --verbose', 'say what is loaded, and what the machine answered'],
    ['-s', 'accepted, does nothing'],
    ['-p', 'accepted, does nothing'],
    MACHINE_OPTION,
  ],
  notes: `Exit status: 0 if the module is loaded, 1 if not; dmesg usually tells more.

Example:
  insmod drivers/scull/scull.ko nr_devs=2`,
}

/** libkmod looks at the first bytes for a compression, and refuses a file that has not so many. */
const SHORTEST_FILE = 6

/** Errors are -1 to -4095; what is below is not one to the C library. */
const MAX_ERRNO = 4095

export async function insmod(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0

  const [file, ...params] = options.operands
  if (file === undefined) throw new ToolError('missing filename.')

  const image = readImage(file)
  const machine = world.machine(options.get('machine'))
  const tell = options.has('verbose') ? world.out : () => {}
  tell(`insmod ${file} ${params.join(' ')}\n${file}: ${image.length} bytes\n`)

  const ret = load(machine, image, params.join(' '), options.has('force'))
  tell(`init_module: ${ret}\n`)
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

function load(machine: Machine, image: Buffer, params: string, force: boolean): number {
  const flags = force ? MODULE_INIT_IGNORE_MODVERSIONS | MODULE_INIT_IGNORE_VERMAGIC : 0
  const ret = machine.finitModule(image, params, flags)
  // libkmod takes ENOSYS for a kernel without finit_module, and tries the older call.
  return ret === -ENOSYS ? machine.initModule(image, params) : ret
}

/** A value that is no error leaves the C library's errno as it was: ENOENT, from a search. */
function insertFailed(file: string, errno: number): ToolError {
  const reason = insmodError(errno > MAX_ERRNO ? ENOENT : errno)
  return new ToolError(`could not insert module ${file}: ${reason}`)
}
