// Starting the daemon, src/kerneld.ts: another process, which tells on descriptor 3 when the
// machine is there, or why it is not.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { registryFolder, runtimeFolders } from '../syscall/registry.ts'
import { ToolError } from './errors.ts'
import { bundleFile } from '../bundle.ts'

export interface DaemonOptions {
  mountpoint: string
  /** Options for the daemon's command line, before the mount point. */
  argv: readonly string[]
  /** Stay with this process and its terminal. */
  foreground: boolean
  env: NodeJS.ProcessEnv
  /** The script to run, instead of the one that was built. */
  script?: string
}

export interface Daemon {
  process: ChildProcess
  /** Absolute, as the machine itself knows it. */
  mountpoint: string
}

/** What the daemon writes to descriptor 3, as a line of JSON. */
type Message = { ready: true; mountpoint: string } | { error: string }

/** Start it and wait until it is ready. Throws a ToolError with the daemon's own reason. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const console = options.foreground ? undefined : consoleFile(options)
  const child = launch(options, console)
  const message = await firstMessage(child)
  if (message && 'ready' in message) {
    if (!options.foreground) letGo(child)
    return { process: child, mountpoint: message.mountpoint }
  }
  const reason = message ? message.error : await whyItEnded(child, console)
  if (console !== undefined) rmSync(console, { force: true })
  throw new ToolError(reason)
}

/** Where a daemon in the background writes what it has to say: one file a mount point. */
function consoleFile({ mountpoint, env }: DaemonOptions): string {
  const name = mountpoint.replaceAll('/', '-').replace(/^-/, '')
  return join(registryFolder({ bases: runtimeFolders(env) }), `console-${name}.log`)
}

function launch(options: DaemonOptions, console: string | undefined): ChildProcess {
  const script = options.script ?? bundleFile()
  const output = console === undefined ? 'inherit' : openSync(console, 'w', 0o600)
  try {
    const log = console === undefined ? [] : ['--console', console]
    const argv = [script, ...options.argv, ...log, options.mountpoint]
    return spawn(process.execPath, argv, {
      detached: !options.foreground,
      env: options.env,
      stdio: ['ignore', output, output, 'pipe'],
    })
  } finally {
    if (typeof output === 'number') closeSync(output)
  }
}

/** The first line on descriptor 3; undefined if the daemon closed it without a word. */
async function firstMessage(child: ChildProcess): Promise<Message | undefined> {
  const lines = createInterface({ input: child.stdio[3] as Readable })
  for await (const line of lines) {
    const message: unknown = JSON.parse(line)
    if (isMessage(message)) return message
  }
  return undefined
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false
  if ('error' in value) return typeof value.error === 'string'
  return 'ready' in value && 'mountpoint' in value && typeof value.mountpoint === 'string'
}

/** This process may end now, and the daemon goes on. */
function letGo(child: ChildProcess): void {
  child.unref()
  ;(child.stdio[3] as Readable).destroy()
}

async function whyItEnded(
  child: ChildProcess,
  console: string | undefined,
): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  const how = child.signalCode ?? `exit status ${child.exitCode}`
  const text = console === undefined ? '' : readFileSync(console, 'utf8')
  const said = text.split('\n').find(line => /error/i.test(line)) ?? ''
  return said ? `the daemon ended (${how}): ${said.trim()}` : `the daemon ended (${how})`
}

/** Wait for a daemon in the foreground; pass on the signals that end it. Its exit status. */
export async function waitForDaemon(child: ChildProcess): Promise<number> {
  const pass = (signal: NodeJS.Signals) => child.kill(signal)
  // Ctrl-C at a terminal goes to the daemon as well; here it only must not end us first.
  const ignore = () => {}
  process.on('SIGTERM', pass).on('SIGHUP', pass).on('SIGINT', ignore)
  try {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return child.exitCode ?? 1
  } finally {
    process.off('SIGTERM', pass).off('SIGHUP', pass).off('SIGINT', ignore)
  }
}
