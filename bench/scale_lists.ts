// How long it takes to read which modules are loaded when there are a thousand.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Crowd } from './crowd.ts'
import { median } from './median.ts'
import { MODBOX } from './servers.ts'

export const MODULES = 1000
const TIMES = 15

/** Milliseconds. */
export interface Lists {
  /** read(2) of all of /proc/modules. */
  procModules: number
  /** `modbox lsmod`: what the modules add to it. */
  lsmod: number
  /** kmod's lsmod under `modbox run`. */
  kmodLsmod: number
}

/** Prints how long lsmod took, in microseconds. */
const KMOD_LSMOD = `
PATH=$PATH:/usr/sbin:/sbin
start=\${EPOCHREALTIME/./}
lsmod > /dev/null || exit
echo $((\${EPOCHREALTIME/./} - start))`

export function measureLists(crowd: Crowd, mnt: string): Lists {
  const inside = [MODBOX, 'run', '--machine', mnt, '--', 'bash', '-c', KMOD_LSMOD]
  const lsmod = (): void => void node([MODBOX, 'lsmod', '--machine', mnt])
  crowd.modules(0)
  const empty = middle(() => milliseconds(lsmod))
  crowd.modules(MODULES)
  return {
    procModules: middle(() =>
      milliseconds(() => readFileSync(join(mnt, 'proc/modules'))),
    ),
    lsmod: middle(() => milliseconds(lsmod)) - empty,
    kmodLsmod: middle(() => Number(node(inside)) / 1000),
  }
}

function node(args: readonly string[]): string {
  return execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: Infinity })
}

function milliseconds(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

/** The median of some measurements. */
function middle(once: () => number): number {
  return median(Array.from({ length: TIMES }, once))
}
