// halt: stop a machine, and wait until nothing is left of it. Not quite Linux's halt.

import { setTimeout as sleep } from 'node:timers/promises'
import { MachineError } from '../syscall/machine_error.ts'
import type { Machine } from '../syscall/client.ts'
import { NONE_RUNNING } from '../syscall/locate.ts'
import { machineMounts } from '../syscall/mounts.ts'
import { isRunning } from '../syscall/registry.ts'
import { ToolError, strerror } from './errors.ts'
import { MACHINE_OPTION, parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'modbox halt',
  usage: '[options]',
  summary: 'Stop a machine: its modules go, its mount goes, its daemon ends.',
  options: [MACHINE_OPTION],
  notes: `Exit status: 0 when the machine is gone, also if none was running; 1 if it did not stop,
if you may not stop it, or if none is running at the place named.

Example:
  modbox halt --machine mnt`,
}

/** How long a machine may take to stop, in milliseconds. */
const PATIENCE = 10_000
const POLL_INTERVAL = 10

export async function halt(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0

  const machine = findMachine(world, options.get('machine'))
  if (!machine) {
    world.out('modbox: no machine is running\n')
    return 0
  }
  const ret = machine.reboot()
  if (ret < 0) throw new ToolError(`could not halt: ${strerror(-ret)}`)

  await gone(machine)
  return 0
}

/** Undefined if there is none to stop, which is no mistake unless one was named. */
function findMachine(world: World, option: string | undefined): Machine | undefined {
  try {
    return world.machine(option)
  } catch (error) {
    if (error instanceof MachineError && error.message === NONE_RUNNING) return undefined
    throw error
  }
}

/** Wait for the end. Throws a ToolError when it takes too long. */
async function gone(machine: Machine): Promise<void> {
  const deadline = Date.now() + PATIENCE
  while (isMounted(machine) || (machine.pid !== undefined && isRunning(machine.pid))) {
    if (Date.now() > deadline) {
      throw new ToolError(
        `the machine at ${machine.root} has not stopped within ${PATIENCE / 1000} s`,
      )
    }
    await sleep(POLL_INTERVAL)
  }
}

function isMounted(machine: Machine): boolean {
  return machineMounts().includes(machine.root)
}
