// Which machine a tool means: the one it was told, the one around it, the one at ./mnt, or the
// only one there is.

import { resolve } from 'node:path'
import { findMount, machineMounts, mountAround } from './mounts.ts'
import { running } from './registry.ts'
import type { RunningMachine } from './registry.ts'

/** What the host knows; tests bring their own. */
export interface HostView {
  env: NodeJS.ProcessEnv
  cwd: string
  mounts: readonly string[]
  /** The machine whose /dev is this process's own. */
  around?: string | undefined
  running: readonly RunningMachine[]
}

export const NONE_RUNNING = 'no machine is running (start one with: modbox boot)'

/**
 * The machine at `option`, else at $MODBOX_MNT, else the one whose /dev is this process's own,
 * else the one at ./mnt, else the only one; or why there is none.
 */
export function findMachine(
  option: string | undefined,
  host: HostView = thisHost(),
): RunningMachine | string {
  const named = option ?? (host.env.MODBOX_MNT || undefined)
  if (named !== undefined) {
    const machine = machineAt(named, host)
    return machine ? fromInside(machine, host) : whyNotAt(named, host)
  }
  return machineAround(host) ?? machineAt('mnt', host) ?? onlyMachine(host)
}

/** Where /dev, /proc and /sys are a machine's, as under `modbox run`, it is at "/". */
function machineAround(host: HostView): RunningMachine | undefined {
  const machine = host.running.find(({ mountpoint }) => mountpoint === host.around)
  return machine && fromInside(machine, host)
}

function fromInside(machine: RunningMachine, { around }: HostView): RunningMachine {
  return machine.mountpoint === around ? { ...machine, mountpoint: '/' } : machine
}

/** The live machine mounted at `path`. */
export function machineAt(
  path: string,
  host: HostView = thisHost(),
): RunningMachine | undefined {
  const mount = findMount(resolve(host.cwd, path), host.mounts)
  return host.running.find(machine => machine.mountpoint === mount)
}

export function thisHost(): HostView {
  return {
    env: process.env,
    cwd: process.cwd(),
    mounts: machineMounts(),
    around: mountAround(),
    running: running(),
  }
}

function whyNotAt(path: string, host: HostView): string {
  return findMount(resolve(host.cwd, path), host.mounts) === undefined
    ? `no machine is running at ${path}`
    : `the machine at ${path} is dead: nobody serves its mount (unmount it with: umount -l ${path})`
}

function onlyMachine(host: HostView): RunningMachine | string {
  // A machine in another mount namespace runs, but cannot be reached from here.
  const machines = host.running.filter(
    machine => !machine.private && host.mounts.includes(machine.mountpoint),
  )
  const [first, ...others] = machines
  if (!first) return NONE_RUNNING
  if (others.length === 0) return first

  const list = machines.map(({ mountpoint, pid }) => `${mountpoint} (pid ${pid})`)
  return `several machines are running, choose one with --machine: ${list.join(', ')}`
}
