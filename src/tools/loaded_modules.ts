// The modules of a running machine, read from its /proc and /sys as libkmod reads them.
// Where a file cannot be read, the value is the negative error number, which is what
// lsmod then prints.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { pathToModname } from '../kmod/module_path.ts'
import type { Machine } from '../syscall/client.ts'
import { errnoOf } from './errors.ts'

/** A line of /proc/modules. */
export interface LoadedModule {
  readonly name: string
  readonly size: number
  readonly references: number
  /** Who uses its symbols, the oldest first. */
  readonly users: readonly string[]
  /** "Live", "Loading", "Unloading". */
  readonly state: string
}

/** The loaded modules, newest first. Throws as fs does if /proc/modules cannot be read. */
export function loadedModules(machine: Machine): LoadedModule[] {
  return readFileSync(machine.path('proc', 'modules'), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(parseLine)
}

function parseLine(line: string): LoadedModule {
  const [name = '', size, references, users = '', state = ''] = line.split(' ')
  return {
    name: pathToModname(name),
    size: Number.parseInt(size ?? '', 10),
    references: Number.parseInt(references ?? '', 10),
    // Each has a comma behind it; "[permanent]" is no module, "-" is nobody.
    users: users
      .split(',')
      .filter(user => /^\w/.test(user))
      .toReversed(),
    state,
  }
}

/** Bytes that the module takes, without what only its init needed. */
export function coreSize(machine: Machine, name: string): number {
  return readNumber(machine.path('sys', 'module', name, 'coresize'))
}

/** References: -1 while it is being removed. */
export function refCount(machine: Machine, name: string): number {
  return readNumber(machine.path('sys', 'module', name, 'refcnt'))
}

/** The modules that use its symbols. */
export function holders(machine: Machine, name: string): string[] {
  const found = findHolders(machine, name)
  return typeof found === 'number' ? [] : found
}

/** The same, or the negative number of the error that is in the way. */
export function findHolders(machine: Machine, name: string): string[] | number {
  try {
    return readdirSync(machine.path('sys', 'module', name, 'holders'))
  } catch (error) {
    return -errnoOf(error)
  }
}

export type ModuleState = 'live' | 'coming' | 'going' | 'builtin' | 'absent'

export function initState(machine: Machine, name: string): ModuleState {
  const folder = machine.path('sys', 'module', name)
  try {
    const state = readFileSync(`${folder}/initstate`, 'utf8').trim()
    if (state === 'coming' || state === 'going') return state
    return 'live'
  } catch {
    // Parts of the kernel itself have a folder too, when they have parameters.
    return existsSync(folder) ? 'builtin' : 'absent'
  }
}

function readNumber(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10)
  } catch (error) {
    return -errnoOf(error)
  }
}
