// run: a program of the host with the machine's /dev, /proc, /sys and system calls around it. Not a
// Linux command.

import { mkdtempSync, rmdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { packageRoot } from '../package.ts'
import { checkLaunch, launch, LaunchError } from '../supervise/launch.ts'
import { Machine } from '../syscall/client.ts'
import { findMachine, NONE_RUNNING } from '../syscall/locate.ts'
import { registryFolder, type RunningMachine } from '../syscall/registry.ts'
import { startDaemon } from './daemon.ts'
import { ToolError, UsageError } from './errors.ts'
import { MACHINE_OPTION, parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'modbox run',
  usage: '[options] [--] COMMAND [ARGUMENT...]',
  summary: 'Run a program of the host with the machine as its kernel.',
  options: [MACHINE_OPTION],
  passThrough: true,
  notes: `Where no machine runs, one is booted for the program and halted after it.

Exit status: 0 when COMMAND ends so, else its own; 127 if it is not found, 126 if it cannot be
executed, 1 if no machine can be entered.

Example:
  modbox run -- sh -c 'insmod drivers/hello/hello.ko && dmesg | tail -1'`,
}

export async function run(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0
  if (options.operands.length === 0) throw new UsageError('which command?')
  return runInMachine(options.operands, options.get('machine'), world)
}

/** This process becomes `command`. Throws a ToolError; else does not return. */
export async function runInMachine(
  command: readonly string[],
  machineOption: string | undefined,
  world: World,
): Promise<never> {
  try {
    const { machine, last } = await findOrBoot(machineOption, world)
    prepareEnvironment()
    return await launch({ ...machine, last, command })
  } catch (error) {
    throw error instanceof LaunchError ? new ToolError(error.message) : error
  }
}

async function findOrBoot(
  option: string | undefined,
  world: World,
): Promise<{ machine: RunningMachine; last: boolean }> {
  const found = findMachine(option)
  const isInside = typeof found !== 'string' && found.mountpoint === '/'
  if (!isInside) await checkLaunch()
  if (typeof found !== 'string') {
    if (!isInside) checkTransport(found)
    return { machine: found, last: false }
  }
  if (found !== NONE_RUNNING) throw new ToolError(found)

  const mountpoint = mkdtempSync(join(registryFolder(), 'machine-'))
  try {
    const daemon = await startDaemon({
      mountpoint,
      argv: ['--private', '--transport', 'devfuse'],
      foreground: false,
      env: world.env,
    })
    const pid = daemon.process.pid ?? 0
    return { machine: { mountpoint: daemon.mountpoint, pid }, last: true }
  } catch (error) {
    removeFolder(mountpoint)
    throw error
  }
}

/** A mount that is about to go may still be on it; what stays then is an empty folder. */
function removeFolder(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // The reason why there is no machine is what the user wants to know.
  }
}

/** Only devfuse tells who calls, and carries the ioctl by which calls are forwarded. */
function checkTransport({ mountpoint, pid }: RunningMachine): void {
  const { transport } = new Machine(mountpoint, pid).status()
  if (transport === 'devfuse') return
  throw new ToolError(
    `the machine at ${mountpoint} is served by ${transport}, which cannot carry the calls of programs: boot it with --transport devfuse`,
  )
}

/**
 * Programs find the machine around them; root needs no password to become root. The host's own sudo,
 * if there is one, serves root as well: it knows other users, too.
 */
function prepareEnvironment(): void {
  delete process.env.MODBOX_MNT
  const inside = join(packageRoot(), 'bin', 'inside')
  const path = process.env.PATH ?? ''
  const places = process.geteuid?.() === 0 ? [path, inside] : [inside, path]
  process.env.PATH = places.join(delimiter)
}
