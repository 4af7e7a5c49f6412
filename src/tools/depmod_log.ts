// How depmod speaks: kmod's form of messages, and only what is as important as was asked for.

import type { DepmodLevel, DepmodLog } from '../kmod/depmod_log.ts'
import { errnoOf, strerror } from './errors.ts'
import type { World } from './world.ts'

/** What was wrong has been said: depmod ends with status 1. */
export class Failed extends Error {}

/** How often -v must be given to see it. */
const VERBOSITY: Record<DepmodLevel, number> = {
  FATAL: 0,
  ERROR: 0,
  WARNING: 0,
  show: 1,
  INFO: 2,
}

export function logTo(world: World, verbosity: number): DepmodLog {
  return (level, message) => {
    if (verbosity < VERBOSITY[level]) return
    if (level === 'show') world.out(`${message}\n`)
    else world.err(`depmod: ${level}: ${message}\n`)
  }
}

/** An error of Node's fs, or of a file that is no module, in the C library's words. */
export function wordsOf(error: unknown): string {
  return strerror(errnoOf(error))
}
