// Starting a command under a supervisor.
//
// The supervisor is a process beside it; this process itself becomes the command, by way of
// unshare(1) and enter.ts. So whoever waits for it, stops it or sends it signals deals with the command.

import { spawn } from 'node:child_process'
import { closeSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { become } from './become.ts'
import { type Host, openHost } from '../host/host.ts'
import { AS_ROOT, MOUNTS_OF_ITS_OWN, whyNoKoffi, whyNotPermitted } from './permitted.ts'

export interface LaunchOptions {
  readonly mountpoint: string
  /** The daemon of the machine, by which its owner is known. */
  readonly pid: number
  /** Stop the machine when the last program has ended. */
  readonly last: boolean
  readonly command: readonly string[]
}

/** Cannot be started; the message is one sentence for people. */
export class LaunchError extends Error {}

/**
 * This process becomes the command; where it is under a supervisor already, without another one.
 * Throws a LaunchError, else does not return.
 */
export async function launch(options: LaunchOptions): Promise<never> {
  const host = await openHost()
  if (!host) throw new LaunchError(whyNoKoffi())

  if (options.mountpoint === '/') become(host, options.command)
  const control = startSupervisor(host, options)
  const { mountpoint, command } = options
  const enter = join(import.meta.dirname, 'enter.js')
  const err = host.exec.execvp('unshare', [
    'unshare',
    ...namespaces(options.pid),
    '--',
    process.execPath,
    enter,
    String(control),
    mountpoint,
    ...command,
  ])
  throw new LaunchError(`Cannot execute unshare(1): error ${-err}`)
}

/** Throws a LaunchError if launch() cannot work here, except within a machine. */
export async function checkLaunch(): Promise<void> {
  const reason = (await openHost()) ? whyNotPermitted() : whyNoKoffi()
  if (reason) throw new LaunchError(reason)
}

/** The end of its control socket that is this process's, and open in what it becomes. */
function startSupervisor(host: Host, { mountpoint, last }: LaunchOptions): number {
  const pair = host.sockets.pair()
  if (typeof pair === 'number') throw new LaunchError(`No sockets: error ${-pair}`)
  const [ours, theirs] = pair
  const script = join(import.meta.dirname, 'main.js')
  const child = spawn(process.execPath, [script, mountpoint, ...(last ? ['last'] : [])], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', theirs],
  })
  child.unref()
  closeSync(theirs)
  host.descriptors.setCloseOnExec(ours, false)
  return ours
}

/**
 * What unshare(1) is to make. Who is not root makes a user namespace, to be allowed the rest; he is
 * root in it if the machine is his, as he is in the machine.
 */
function namespaces(daemon: number): string[] {
  const uid = process.geteuid?.() ?? 0
  if (uid === 0) return MOUNTS_OF_ITS_OWN
  const isOwner = statSync(`/proc/${daemon}`).uid === uid
  return isOwner ? AS_ROOT : ['--user', '--map-current-user', ...MOUNTS_OF_ITS_OWN]
}
