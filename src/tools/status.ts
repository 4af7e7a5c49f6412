// status: how a machine is. Not a Linux command.

import { MACHINE_OPTION, parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'modbox status',
  usage: '[options]',
  summary:
    'Say how a machine is: mount point, transport, daemon, uptime, modules, open\nfiles, and how many calls are asleep in a driver.',
  options: [MACHINE_OPTION],
  notes: `Exit status: 0 if the machine answers, 1 if none is running.

Example:
  modbox status --machine mnt`,
}

export async function status(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0

  const machine = world.machine(options.get('machine')).status()
  const rows = [
    ['mount point', machine.mountpoint],
    ['transport', machine.transport],
    ['daemon', `pid ${machine.pid}`],
    ['uptime', `${Math.floor(machine.uptime)} s`],
    ['release', machine.release],
    ['modules', String(machine.modules)],
    ['open files', String(machine.openFiles)],
    ['asleep', String(machine.sleeping)],
  ] as const
  world.out(rows.map(([name, value]) => `${name.padEnd(12)} ${value}\n`).join(''))
  return 0
}
