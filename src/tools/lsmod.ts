// lsmod: what /proc/modules says, in columns.

import type { Machine } from '../syscall/client.ts'
import { ToolError, errnoOf, strerror } from './errors.ts'
import { coreSize, holders, loadedNames, refCount } from './loaded_modules.ts'
import { MACHINE_OPTION, parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'lsmod',
  usage: '[options]',
  summary:
    'List the loaded modules: size in bytes, references, and the modules that use each.',
  options: [MACHINE_OPTION],
  notes: `Exit status: 0, or 1 if the list cannot be read.

Example:
  lsmod --machine mnt`,
}

export async function lsmod(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0
  if (options.operands.length > 0) {
    world.err('Usage: lsmod\n')
    return 1
  }

  const machine = world.machine(options.get('machine'))
  const rows = names(machine).map(name => row(machine, name))
  world.out(['Module                  Size  Used by\n', ...rows].join(''))
  return 0
}

function names(machine: Machine): string[] {
  try {
    return loadedNames(machine)
  } catch (error) {
    const reason = strerror(errnoOf(error))
    throw new ToolError(`could not get list of modules: ${reason}`)
  }
}

function row(machine: Machine, name: string): string {
  const size = String(coreSize(machine, name)).padStart(8)
  const users = holders(machine, name).join(',')
  const line = `${name.padEnd(19)} ${size}  ${refCount(machine, name)}`
  return users ? `${line} ${users}\n` : `${line}\n`
}
