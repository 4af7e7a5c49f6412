// Lets programs of root's and of an ordinary user's make random system calls on the files of a mounted
// machine: test/programs/storm.c, which knows what the modes allow.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/package.ts'
import { Fuzzer, type Step } from './fuzzer.ts'
import { complaintsIn } from './complaints.ts'
import { sampleDrivers } from './fuzzed_machine.ts'

const NOBODY = 65534
const CALLS = 500
/** For one program, or tool, in milliseconds. */
const PATIENCE = 20_000

/** Printed for each file: what storm reads. */
const FORMAT = '%y %m %U %G %p\\n'

/** A step is one program that makes so many calls. Needs root, gcc and setpriv. */
export class SyscallFuzzer extends Fuzzer {
  readonly #dir = mkdtempSync(join(tmpdir(), 'modbox-fuzz-'))
  #isBooted = false
  #did = ''

  protected async step(): Promise<Step> {
    if (!this.#isBooted) this.#boot()
    const uid = this.random.below(4) === 0 ? 0 : NOBODY
    const seed = this.random.u32()
    this.#did = `storm ${seed} ${CALLS} as ${uid}`
    const before = this.#table()
    const { status, signal, out } = this.#storm(uid, seed, before)
    const ended = signal ?? `exit status ${status}`
    const wrong = signal === 'SIGKILL' ? 'hangs, or an oops has killed it' : out
    const changed = uid !== 0 && this.#table() !== before ? 'files have changed' : ''
    const problem = wrong || changed || this.#problem()
    if (problem) this.recover()
    return { did: this.#did, answer: `${uid} ${ended}`, problem: problem || undefined }
  }

  protected recover(): string {
    this.#run('node', [this.#modbox, 'halt', '--machine', this.#mnt])
    if (this.#run('mountpoint', ['-q', this.#mnt]).status === 0) {
      this.#run('umount', ['-f', '-l', this.#mnt])
    }
    this.#isBooted = false
    return this.#did
  }

  override async end(): Promise<void> {
    this.recover()
    rmSync(this.#dir, { recursive: true, force: true })
  }

  get #mnt(): string {
    return join(this.#dir, 'mnt')
  }

  get #modbox(): string {
    return join(packageRoot(), 'bin', 'modbox.js')
  }

  #boot(): void {
    for (const name of ['mnt', 'run'])
      mkdirSync(join(this.#dir, name), { recursive: true })
    chmodSync(this.#dir, 0o755)
    const source = join(packageRoot(), 'test', 'programs', 'storm.c')
    this.#must('gcc', ['-O1', '-o', join(this.#dir, 'storm'), source])
    this.#must('node', [this.#modbox, 'boot', this.#mnt])
    this.#isBooted = true
    for (const file of sampleDrivers()) {
      this.#must('node', [this.#modbox, 'insmod', file])
    }
    // Then ordinary users reach some drivers, too.
    this.#must('bash', ['-c', `chmod 666 ${this.#mnt}/dev/*[0-9]`])
  }

  /** All files, and whose they are. */
  #table(): string {
    return this.#run('find', [this.#mnt, '-printf', FORMAT]).out
  }

  #storm(uid: number, seed: number, table: string) {
    const ids = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
    const program = [join(this.#dir, 'storm'), String(seed), String(CALLS)]
    return this.#run('setpriv', [...ids, ...program], table)
  }

  /** What the machine says of itself now; it has to answer, with no file open and nobody asleep. */
  #problem(): string {
    const { status, out, err } = this.#run('node', [this.#modbox, 'status'])
    if (status !== 0) return `the machine has gone: ${err}`
    // The host closes the last files after their programs have ended.
    const left = /^(?:open files|asleep) +(?:[2-9]|\d\d+)$/m.exec(out)?.[0]
    if (left) return left
    const log = this.#run('node', [this.#modbox, 'dmesg', '-t', '--read-clear']).out
    return complaintsIn(log).join('; ')
  }

  #must(program: string, args: string[]): void {
    const { status, err } = this.#run(program, args)
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${err}`)
  }

  #run(program: string, args: string[], input = '') {
    const { status, signal, stdout, stderr } = spawnSync(
      program === 'node' ? process.execPath : program,
      args,
      {
        input,
        encoding: 'utf8',
        env: { ...process.env, MODBOX_RUNTIME_DIR: join(this.#dir, 'run'), LC_ALL: 'C' },
        timeout: PATIENCE,
        killSignal: 'SIGKILL',
        maxBuffer: 64 << 20,
      },
    )
    return { status, signal, out: stdout, err: stderr }
  }
}
