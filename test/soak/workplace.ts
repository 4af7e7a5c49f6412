// A folder in which machines are booted and programs run at them, and what the host still has of those.
//
// All that touches a machine is a process of its own, with a time-out: whatever hangs, the soak does not.

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { textOf } from '../../src/fuse/host_text.ts'
import { mountedOn } from '../../src/fuse/mount_table.ts'
import { packageRoot } from '../../src/package.ts'
import { buildOwn, type Sources } from './drivers.ts'

const PROGRAMS = [
  'mortals',
  'soak_bell',
  'soak_memory',
  'soak_pages',
  'soak_pipe',
  'soak_sleepers',
]

/** For a job, in milliseconds. */
const PATIENCE = 45_000

export interface Ran {
  status: number | null
  /** What ended it; SIGKILL also when it did not come to an end. */
  signal: NodeJS.Signals | null
  /** On stdout and stderr. */
  said: string
}

export interface Worked {
  calls: number
  /** All that it has said but its number of calls, and how it ended if that was not well. */
  problem: string | undefined
}

/** One process, with those that it starts. */
export interface Running {
  /** What it has said so far. */
  readonly said: () => string
  readonly ended: Promise<Ran>
}

export class Workplace {
  readonly dir = mkdtempSync(join(tmpdir(), 'modbox-soak-'))
  readonly mnt = join(this.dir, 'mnt')
  /** The beginning of the names of the files that probe.ts writes. */
  readonly probe = join(this.dir, 'probe')

  /** Compile the programs and build the modules. */
  async prepare(sources: Sources): Promise<void> {
    for (const name of ['mnt', 'run', 'bin']) mkdirSync(join(this.dir, name))
    const compiled = PROGRAMS.map(name => {
      const source = join(packageRoot(), 'test/programs', `${name}.c`)
      const flags = ['-O1', '-Wall', '-Werror', '-o', join('bin', name)]
      return this.must('gcc', ...flags, source)
    })
    await Promise.all([buildOwn(this.dir, sources), ...compiled])
  }

  start(
    [program = '', ...args]: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Running {
    const child = spawn(program, args, {
      cwd: this.dir,
      env: { ...this.#env, ...env },
      // A group of its own: Ctrl-C is not for it, and all of it can be killed.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout.on('data', (text: Buffer) => (said += text.toString()))
    child.stderr.on('data', (text: Buffer) => (said += text.toString()))
    const ended = new Promise<Ran>(resolve => {
      const kill = () => void (child.pid && process.kill(-child.pid, 'SIGKILL'))
      const timer = setTimeout(() => {
        said += `${program} hangs\n`
        kill()
        resolve({ status: null, signal: 'SIGKILL', said })
      }, PATIENCE)
      child.on('error', error => (said += error.message))
      child.on('close', (status, signal) => {
        clearTimeout(timer)
        resolve({ status, signal, said })
      })
    })
    return { said: () => said, ended }
  }

  run(...words: string[]): Promise<Ran> {
    return this.start(words).ended
  }

  modbox(...words: string[]): Promise<Ran> {
    return this.run(process.execPath, join(packageRoot(), 'bin/modbox.js'), ...words)
  }

  /** Throws unless it succeeds. */
  async must(...words: string[]): Promise<void> {
    const { status, said } = await this.run(...words)
    if (status !== 0) throw new Error(`${words.join(' ')}: ${said}`)
  }

  /** A job, in C or in TypeScript. */
  async work(words: readonly string[]): Promise<Worked> {
    return outcome(await this.startWork(words).ended)
  }

  startWork([name = '', ...words]: readonly string[]): Running {
    if (PROGRAMS.includes(name))
      return this.start([join(this.dir, 'bin', name), ...words])
    const soak = join(packageRoot(), 'dist/scripts/soak.js')
    return this.start([process.execPath, soak, '--job', name, ...words])
  }

  /** What the host has of machines and programs that were here. */
  leftovers(): string[] {
    const processes = this.processes().map(pid => `process ${pid} ${nameOf(pid)}`)
    return [...(this.isMounted() ? ['the mount'] : []), ...processes]
  }

  isMounted(): boolean {
    return mountedOn(this.mnt) !== undefined
  }

  /** All that were started here, whoever is their parent now. */
  processes(): number[] {
    const mark = `MODBOX_RUNTIME_DIR=${this.#env.MODBOX_RUNTIME_DIR}\0`
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .filter(pid => textOf(`/proc/${pid}/environ`).includes(mark))
      .map(Number)
  }

  /** Files of machines that are gone. */
  runtimeFiles(): string[] {
    return readdirSync(join(this.dir, 'run'), {
      recursive: true,
      encoding: 'utf8',
    }).filter(name => /\.\w+$/.test(name))
  }

  /** Whatever is here, it goes. */
  async clear(): Promise<void> {
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL')
    if (this.isMounted()) await this.run('umount', '-l', this.mnt)
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }

  get #env(): NodeJS.ProcessEnv {
    const { NODE_OPTIONS: _options, ...env } = process.env
    const machine = { MODBOX_MNT: this.mnt, MODBOX_RUNTIME_DIR: join(this.dir, 'run') }
    return { ...env, ...machine, LC_ALL: 'C', DEBUG: '' }
  }
}

function nameOf(pid: number): string {
  return textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
}

/** Programs say how many calls they made, and nothing else unless something is wrong. */
export function outcome({ status, signal, said }: Ran): Worked {
  const numbers = said.matchAll(/^(\d+) (?:calls|killed, 0 not)$/gm)
  const calls = [...numbers].reduce((sum, [, n]) => sum + Number(n), 0)
  const rest = said.replaceAll(/^(?:\d+ (?:calls|killed, 0 not)|asleep)\n/gm, '').trim()
  const ending = status === 0 ? '' : (signal ?? `exit status ${status}`)
  const problem = [rest, ending].filter(Boolean).join(', ')
  return { calls, problem: problem || undefined }
}
