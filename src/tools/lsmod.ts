// lsmod: what /proc/modules says, in columns.
//
// kmod takes only the names from there, and opens three files for each module. Where a module neither comes
// nor goes they say the same.

import type { Machine } from '../syscall/client.ts'
import { errnoOf, strerror } from './errors.ts'
import {
  coreSize,
  findHolders,
  type LoadedModule,
  loadedModules,
  refCount,
} from './loaded_modules.ts'
import type { World } from './world.ts'

/** Like kmod's it has no options, but one that says which machine. */
export async function lsmod(argv: string[], world: World): Promise<number> {
  const named = machineOption(argv)
  if (named === 'wrong') {
    world.err('Usage: lsmod\n')
    return 1
  }
  const machine = world.machine(named.machine)
  const modules = list(machine, world)
  if (!modules) return 1
  world.out('Module                  Size  Used by\n')
  const rows = modules.map(mod =>
    mod.state === 'Live' ? row(mod) : movingRow(machine, mod.name, world),
  )
  world.out(rows.join(''))
  return 0
}

function machineOption(argv: string[]): { machine: string | undefined } | 'wrong' {
  const [first, second, ...others] = argv
  if (first === undefined) return { machine: undefined }
  if (first.startsWith('--machine=') && second === undefined) {
    return { machine: first.slice('--machine='.length) }
  }
  const isPair = first === '--machine' && second !== undefined && others.length === 0
  return isPair ? { machine: second } : 'wrong'
}

/** Undefined, with the words of both the library and the tool, if there is no list. */
function list(machine: Machine, world: World): LoadedModule[] | undefined {
  try {
    return loadedModules(machine)
  } catch (error) {
    const reason = strerror(errnoOf(error))
    const place = 'libkmod-module.c:1725 kmod_module_new_from_loaded'
    world.err(
      `libkmod: ERROR ../libkmod/${place}: could not open /proc/modules: ${reason}\n` +
        `Error: could not get list of modules: ${reason}\n`,
    )
    return undefined
  }
}

function row({ name, size, references, users }: Omit<LoadedModule, 'state'>): string {
  const line = `${name.padEnd(19)} ${String(size).padStart(8)}  ${references}`
  return users.length > 0 ? `${line} ${users.join(',')}\n` : `${line}\n`
}

/** One that is not all there. */
function movingRow(machine: Machine, name: string, world: World): string {
  const size = coreSize(machine, name)
  const references = refCount(machine, name)
  const users = findHolders(machine, name)
  if (typeof users === 'number') {
    const place = 'libkmod-module.c:1998 kmod_module_get_holders'
    world.err(
      `libkmod: ERROR ../libkmod/${place}: could not open '/sys/module/${name}/holders': ${strerror(-users)}\n`,
    )
  }
  return row({ name, size, references, users: typeof users === 'number' ? [] : users })
}
