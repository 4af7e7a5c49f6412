// A machine with very much in it: device nodes, modules, open files and blocked readers by the thousand.
//
// The nodes are of drivers/bench/crowd.ts, the files and readers those of crowd.c.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../src/package.ts'
import { Machine } from '../src/syscall/client.ts'
import { CrowdProgram } from './crowd_program.ts'

const MEMBER = 'member0000'
/** Devices that are always there: for the readers, the files, and the two who are woken. */
export const NODES_MIN = 3
/** Who wait besides readers(). */
export const PAIR = 2

export class Crowd extends CrowdProgram {
  readonly #mnt: string
  readonly #machine: Machine
  readonly #member = image(MEMBER).toString('latin1')
  /** The member whose number is one less was loaded last. */
  #members = 0

  /** `program`: bench/crowd.c, compiled. Nobody else may load crowd.ko into the machine at `mnt`. */
  constructor(mnt: string, program: string) {
    const machine = new Machine(mnt)
    load(machine, image('crowd'), `nodes=${NODES_MIN}`)
    const node = (number: number) => join(mnt, `dev/crowd${number}`)
    super(program, node(0), node(1), node(2))
    this.#mnt = mnt
    this.#machine = machine
  }

  /** How many there are from now on, at least NODES_MIN: crowd0, crowd1 … */
  nodes(count: number): void {
    writeFileSync(this.#parameter('nodes'), String(count))
  }

  /** The drivers of the bench that are loaded, without the crowd's own. */
  modules(count: number): void {
    while (this.#members < count) this.#loadMember(this.#members++)
    while (this.#members > count) this.#unload(memberName(--this.#members))
  }

  get waiting(): number {
    return Number(readFileSync(this.#parameter('waiting'), 'utf8')) - PAIR
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
    await this.end()
    this.#unload('crowd')
  }

  #loadMember(number: number): void {
    // The other name is as long.
    const named = this.#member.replaceAll(MEMBER, memberName(number))
    load(this.#machine, Buffer.from(named, 'latin1'), `minor=${number}`)
  }

  #unload(name: string): void {
    const ret = this.#machine.deleteModule(name, 0)
    if (ret !== 0) throw new Error(`Cannot remove ${name}: error ${-ret}`)
  }

  #parameter(name: string): string {
    return join(this.#mnt, 'sys/module/crowd/parameters', name)
  }
}

function load(machine: Machine, image: Uint8Array, params: string): void {
  const ret = machine.initModule(image, params)
  if (ret !== 0) throw new Error(`Cannot load a module: error ${-ret}`)
}

function memberName(number: number): string {
  return `member${String(number).padStart(4, '0')}`
}

function image(name: string): Buffer {
  return readFileSync(join(packageRoot(), 'drivers/bench', `${name}.ko`))
}
