// How much load the tests of this folder make, and what must be left of it.

import { Machine } from '../../src/syscall/client.ts'
import type { MountedMachine } from '../harness/mounted.ts'

/** `full` with MODBOX_LOAD=full, as `npm run load` has it; else what is done in seconds. */
export function size({ short, full }: { short: number; full: number }): number {
  return process.env.MODBOX_LOAD === 'full' ? full : short
}

/** What the daemon holds for programs. */
export function tables(machine: MountedMachine): { openFiles: number; sleeping: number } {
  const { openFiles, sleeping } = new Machine(machine.mnt).status()
  return { openFiles, sleeping }
}
