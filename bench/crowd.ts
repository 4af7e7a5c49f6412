// A machine with very much in it: device nodes, modules, open files and blocked readers by the thousand.
//
// The nodes are of drivers/bench/crowd.ts, the files and readers those of crowd.c.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageRoot } from '../src/package.ts'
import { Machine } from '../src/syscall/client.ts'

const MEMBER = 'member0000'

/** How often to look whether all readers sleep, in milliseconds. */
const LOOK_AGAIN = 5

/** What crowd.c does: the lines of its input begin so. */
export type CrowdWork = 'read' | 'open' | 'stat' | 'wake'

export class Crowd {
  readonly #mnt: string
  readonly #machine: Machine
  readonly #program: ChildProcess
  readonly #answers: AsyncIterator<string>
  readonly #member = image(MEMBER).toString('latin1')
  /** The member whose number is one less was loaded last. */
  #members = 0

  /** `program`: bench/crowd.c, compiled. Nobody else may load crowd.ko into the machine at `mnt`. */
  constructor(mnt: string, program: string) {
    this.#mnt = mnt
    this.#machine = new Machine(mnt)
    this.#load(image('crowd'), '')
    const devices = ['crowd0', 'crowd1'].map(name => join(mnt, 'dev', name))
    const stdio = ['pipe', 'pipe', 'inherit'] as const
    const child = spawn(program, devices, { stdio: [...stdio] })
    this.#program = child
    this.#answers = createInterface(child.stdout)[Symbol.asyncIterator]()
  }

  /** Of the program. */
  get pid(): number {
    const { pid } = this.#program
    if (pid === undefined) throw new Error(`Cannot start ${this.#program.spawnfile}`)
    return pid
  }

  /** How many there are from now on, at least 2: crowd0, crowd1 … */
  nodes(count: number): void {
    writeFileSync(this.#parameter('nodes'), String(count))
  }

  /** The drivers of the bench that are loaded, without the crowd's own. */
  modules(count: number): void {
    while (this.#members < count) this.#loadMember(this.#members++)
    while (this.#members > count) this.#unload(memberName(--this.#members))
  }

  /** How often crowd1 is open, without the once that the program needs itself. */
  async files(count: number): Promise<void> {
    await this.#tell('files', count)
  }

  /** Threads that wait in a read(2) of crowd0; all sleep when this is over. */
  async readers(count: number): Promise<void> {
    await this.#tell('readers', count)
    while (this.waiting !== count) {
      await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN))
    }
  }

  /** How many wait now. */
  get waiting(): number {
    return Number(readFileSync(this.#parameter('waiting'), 'utf8'))
  }

  /** Do it `count` times. */
  async work(what: CrowdWork, count: number): Promise<void> {
    await this.#tell(what, count)
  }

  /** Load one more module and remove it, `count` times. */
  reload(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#loadMember(this.#members)
      this.#unload(memberName(this.#members))
    }
  }

  /** Everything goes: the machine is as it was. */
  async disperse(): Promise<void> {
    await this.readers(0)
    await this.files(0)
    this.modules(0)
    const ended = new Promise(resolve => this.#program.once('exit', resolve))
    this.#program.stdin?.end()
    await ended
    this.#unload('crowd')
  }

  /** End the program at once. */
  kill(): void {
    this.#program.kill('SIGKILL')
  }

  async #tell(what: string, count: number): Promise<void> {
    this.#program.stdin?.write(`${what} ${count}\n`)
    const { value } = (await this.#answers.next()) as { value: string | undefined }
    if (value !== 'done') throw new Error(`The crowd has ended at: ${what} ${count}`)
  }

  #loadMember(number: number): void {
    // The other name is as long.
    const named = this.#member.replaceAll(MEMBER, memberName(number))
    this.#load(Buffer.from(named, 'latin1'), `minor=${number}`)
  }

  #load(image: Uint8Array, params: string): void {
    const ret = this.#machine.initModule(image, params)
    if (ret !== 0) throw new Error(`Cannot load a module: error ${-ret}`)
  }

  #unload(name: string): void {
    const ret = this.#machine.deleteModule(name, 0)
    if (ret !== 0) throw new Error(`Cannot remove ${name}: error ${-ret}`)
  }

  #parameter(name: string): string {
    return join(this.#mnt, 'sys/module/crowd/parameters', name)
  }
}

function memberName(number: number): string {
  return `member${String(number).padStart(4, '0')}`
}

function image(name: string): Buffer {
  return readFileSync(join(packageRoot(), 'drivers/bench', `${name}.ko`))
}
