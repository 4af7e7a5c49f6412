// A machine mounted for one test, served by a daemon of its own, as `modbox boot` starts it.

import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { kbuild } from '../../src/kbuild/kbuild.ts'
import { packageRoot } from '../../src/package.ts'

const MODBOX = join(packageRoot(), 'bin', 'modbox.js')
/** Machines are booted on the transport that the tests are run for. */
const COMMAND = `#!/bin/sh
if [ "$1" = boot ] && [ -n "$MODBOX_TEST_TRANSPORT" ]; then
  shift
  set -- boot --transport "$MODBOX_TEST_TRANSPORT" "$@"
fi
exec "${process.execPath}" "${MODBOX}" "$@"
`
/** Longer than any command here takes; a program that hangs is a failure, not a wait. */
const PATIENCE = 20_000
/** tap adds itself to each node that a test starts; users' nodes are without it. */
export const AS_USERS = ['-u', 'NODE_OPTIONS']

export interface Ran {
  status: number | null
  signal: NodeJS.Signals | null
  out: string
  err: string
}

export interface MountedMachine {
  /** Where it is mounted. */
  mnt: string
  /** Its daemon. */
  pid: number
  /** Run a command line in bash, in the folder that holds mnt/. `modbox` is on PATH. */
  sh: (command: string, options?: { uid?: number }) => Ran
  /** As sh(), and it has to succeed: what it printed. */
  out: (command: string) => string
  /** Build a driver; the path of its .ko. */
  build: (name: string, source: string) => Promise<string>
}

/** Folder for a machine's mount point, with a registry of running machines of its own. */
export function machineFolder(t: Test): string {
  // Registered first, it runs before tap removes the folder.
  t.teardown(() => cleanUp(t.testdirName))
  const dir = t.testdir({ mnt: {}, run: {}, src: {}, bin: { modbox: COMMAND } })
  chmodSync(join(dir, 'bin/modbox'), 0o755)
  return dir
}

export function bootMounted(t: Test, ...options: string[]): MountedMachine {
  const dir = machineFolder(t)
  return mountedMachine(dir, modbox(dir, 'boot', ...options, join(dir, 'mnt')))
}

/** With `heap` MiB for the daemon: what is never given back soon ends it. */
export function bootSmall(t: Test, heap: number): MountedMachine {
  const dir = machineFolder(t)
  const options = `NODE_OPTIONS=--max-old-space-size=${heap}`
  return mountedMachine(dir, shell(dir, `${options} modbox boot mnt`))
}

function mountedMachine(dir: string, booted: Ran): MountedMachine {
  if (booted.status !== 0) throw new Error(`boot failed: ${booted.err}`)
  return {
    mnt: join(dir, 'mnt'),
    pid: daemonPid(dir),
    sh: (command, { uid } = {}) => shell(dir, command, uid),
    out(command) {
      const { status, out, err } = shell(dir, command)
      if (status !== 0) throw new Error(`${command}: exit status ${status}: ${err}${out}`)
      return out
    },
    async build(name, source) {
      writeFileSync(join(dir, 'src', `${name}.ts`), source)
      writeFileSync(join(dir, 'src', 'Kbuild'), `obj-m := ${name}.o\n`)
      const { modules } = await kbuild(join(dir, 'src'))
      return modules[0]?.file ?? ''
    },
  }
}

/** `modbox WORDS…` in a folder made by machineFolder(). */
export function modbox(dir: string, ...words: string[]): Ran {
  return run(join(dir, 'bin/modbox'), words, dir)
}

/** A command line in bash in a folder made by machineFolder(). */
export function shell(dir: string, command: string, uid?: number): Ran {
  const argv = ['bash', '--norc', '-c', command]
  const asUser =
    uid === undefined
      ? []
      : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  const [program = '', ...args] = [...asUser, ...argv]
  return run(program, args, dir)
}

function run(program: string, args: string[], dir: string): Ran {
  const { status, signal, stdout, stderr } = spawnSync(
    'env',
    [...AS_USERS, program, ...args],
    {
      cwd: dir,
      env: environment(dir),
      encoding: 'utf8',
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    },
  )
  return { status, signal, out: stdout, err: stderr }
}

/** Start a program that is to go on while the test does; it is killed when the test ends. */
export function start(t: Test, machine: MountedMachine, command: string) {
  const dir = join(machine.mnt, '..')
  const child = spawn('env', [...AS_USERS, 'bash', '--norc', '-c', `exec ${command}`], {
    cwd: dir,
    env: environment(dir),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

function environment(dir: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${join(dir, 'bin')}:${process.env.PATH}`,
    MODBOX_RUNTIME_DIR: join(dir, 'run'),
    LC_ALL: 'C',
    DEBUG: '',
  }
}

export function daemonPid(dir: string): number {
  return Number(/pid (\d+)/.exec(modbox(dir, 'status').out)?.[1])
}

/** Is anything mounted on the folder's mnt? Asks the host, not the mount. */
export function isMounted(mnt: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${mnt} `)
}

/** Whatever the test did: no daemon and no mount stay behind. */
function cleanUp(dir: string): void {
  const mnt = join(dir, 'mnt')
  if (!isMounted(mnt)) return
  modbox(dir, 'halt', '--machine', mnt)
  if (isMounted(mnt)) run('umount', ['-l', mnt], dir)
}
