// The modules of a running machine, read from its /proc and /sys as libkmod reads them.
// Where a file cannot be read, the value is the negative error number, which is what
// lsmod then prints.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { pathToModname } from '../kmod/module_path.ts'
import type { Machine } from '../syscall/client.ts'
import { errnoOf } from './errors.ts'

/** Names of the loaded modules, newest first, as libkmod reads them. Throws as fs does if /proc/modules cannot be read. */
export function loadedNames(machine: Machine): string[] {
  return readFileSync(machine.path('proc', 'modules'), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => pathToModname(line.split(' ', 1)[0] ?? ''))
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
