// Programs of the host that the machine's kernel starts: modprobe, and what a driver asks for.
//
// They run as the user whose daemon this is, in a session of their own, with the environment they
// are given. /sbin/modprobe is always our own: the host's would load into the host's kernel.

import { type ChildProcess, spawn } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { ENOENT } from '../include/uapi/errno.ts'

/** As call_usermodehelper() is given it. `argv` begins with the program's name. */
export interface Program {
  readonly path: string
  readonly argv: readonly string[]
  readonly envp: readonly string[]
}

/** Neither promise is ever rejected. */
export interface StartedProgram {
  /** 0, or why it could not be executed, as a negative error number. */
  readonly executed: Promise<number>
  /** wait(2)'s status: exit status << 8, or the signal. Stays open if it was not executed. */
  readonly ended: Promise<number>
}

export interface ProgramsOptions {
  /** The command that is /sbin/modprobe; the mount point and its arguments are added. */
  readonly modprobe: readonly string[]
  /** What tools need to find the machine; comes after the program's own environment. */
  readonly env: Readonly<Record<string, string>>
}

const MODPROBE = /^\/(?:usr\/)?s?bin\/modprobe$/

export class Programs {
  /** Where the machine is mounted. Until it is, nothing is started. */
  mountpoint: string | undefined
  readonly #options: ProgramsOptions
  readonly #running = new Set<ChildProcess>()

  constructor(options: ProgramsOptions) {
    this.#options = options
  }

  start(program: Program): StartedProgram {
    let executed = (_err: number): void => {}
    let ended = (_status: number): void => {}
    const started: StartedProgram = {
      executed: new Promise(resolve => (executed = resolve)),
      ended: new Promise(resolve => (ended = resolve)),
    }
    this.#launch(program, ended).then(executed, error => executed(errorNumber(error)))
    return started
  }

  /** The machine has ended, and so do its programs. */
  killAll(): void {
    for (const { pid } of this.#running) {
      try {
        if (pid !== undefined) process.kill(-pid, 'SIGKILL')
      } catch {
        // It has just ended by itself.
      }
    }
  }

  async #launch(program: Program, ended: (status: number) => void): Promise<number> {
    const { mountpoint } = this
    if (mountpoint === undefined) return -ENOENT
    const [file, args, argv0] = await this.#command(program, mountpoint)
    const child = spawn(file, args, {
      cwd: '/',
      detached: true,
      env: { ...environment(program.envp), ...this.#options.env, MODBOX_MNT: mountpoint },
      stdio: 'ignore',
      ...(argv0 === undefined ? {} : { argv0 }),
    })
    this.#running.add(child)
    child.on('exit', (code, signal) => {
      this.#running.delete(child)
      ended(signal ? constants.signals[signal] : (code ?? 0) << 8)
    })
    return new Promise((resolve, reject) => {
      child.on('spawn', () => resolve(0))
      child.on('error', error => {
        this.#running.delete(child)
        reject(error)
      })
    })
  }

  /**
   * What to execute. This process must not execute a file of its own mount, for it would wait
   * for itself to read it: a shell does it then. (realpath() waits in another thread.)
   */
  async #command(
    { path, argv }: Program,
    mountpoint: string,
  ): Promise<[file: string, args: string[], argv0?: string]> {
    const args = argv.slice(1)
    if (MODPROBE.test(path)) {
      const [node = '', ...words] = this.#options.modprobe
      return [node, [...words, '--machine', mountpoint, ...args]]
    }
    const file = await realpath(resolve('/', path))
    if (!file.startsWith(`${mountpoint}/`)) return [file, args, argv[0] ?? path]
    return ['/bin/sh', ['-c', 'exec "$0" "$@"', file, ...args]]
  }
}

function environment(envp: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    envp.map(entry => {
      const at = entry.indexOf('=')
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}

function errorNumber(error: unknown): number {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? -Math.abs(error.errno)
    : -ENOENT
}
