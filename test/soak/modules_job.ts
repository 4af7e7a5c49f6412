// A job of the soak: loads, holds and removes modules as a seed decides, and knows what each of that has to
// answer.

import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { EAGAIN, EEXIST, EINVAL, ENOENT } from '../../src/include/uapi/errno.ts'
import { O_NONBLOCK, O_TRUNC } from '../../src/include/uapi/fcntl.ts'
import { packageRoot } from '../../src/package.ts'
import { Machine } from '../../src/syscall/client.ts'
import { Random } from '../fuzz/random.ts'
import { moduleFile } from './drivers.ts'
import { lookUpAgain } from './paths.ts'

/** Those that this job has to itself. */
const NAMES = ['hello', 'echo', 'gauges', 'message', 'soak_base', 'soak_user']

/** The node of each that has one. */
const NODES: Record<string, string> = { echo: 'echo', message: 'message' }

/** In milliseconds. */
const MODPROBE_PATIENCE = 20_000
const RELEASE_PATIENCE = 5000

/** modules MNT SEED STEPS */
export async function modules([mnt = '', seed, steps]: readonly string[]) {
  const job = new ModulesJob(mnt, Number(seed))
  for (let step = 0; step < Number(steps); step++) job.step(step)
  job.end()
  return job.calls
}

class ModulesJob {
  calls = 0
  readonly #random: Random
  readonly #machine: Machine
  readonly #loaded = new Set<string>()
  /** Descriptors, with the module that they hold. */
  #held: { name: string; fd: number }[] = []
  #did = ''

  constructor(mnt: string, seed: number) {
    this.#random = new Random(seed)
    this.#machine = new Machine(mnt)
  }

  step(step: number): void {
    const name = this.#random.pick(NAMES)
    this.#did = `step ${step}, ${name}`
    switch (this.#random.below(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.#insmod(name)
      case 4:
      case 5:
        return this.#rmmod(name)
      case 6:
        return this.#hold(name)
      case 7:
        return this.#letGo()
      case 8:
        return this.#parameter()
      default:
        return this.#random.below(8) ? this.#look() : this.#modprobe()
    }
  }

  /** All that it has loaded goes. */
  end(): void {
    this.#did = 'at the end'
    while (this.#held.length > 0) this.#letGo()
    for (const name of NAMES.toReversed()) if (this.#loaded.has(name)) this.#rmmod(name)
    this.#look()
    const files = NAMES.flatMap(name => [`sys/module/${name}`, `dev/${NODES[name]}`])
    lookUpAgain(this.#machine.root, [...files, 'sys/kernel/debug/gauges'])
  }

  #insmod(name: string): void {
    const wrong = name === 'hello' && this.#random.below(4) === 0
    const params = name === 'hello' ? `howmany=${wrong ? 'x' : 2}` : ''
    const ret = this.#machine.finitModule(readFileSync(moduleFile('.', name)), params, 0)
    this.#expect(`insmod ${params}`, ret, this.#insmodAnswer(name, wrong))
    if (ret === 0) this.#loaded.add(name)
  }

  #insmodAnswer(name: string, wrong: boolean): number {
    if (this.#loaded.has(name)) return -EEXIST
    if (name === 'soak_user' && !this.#loaded.has('soak_base')) return -ENOENT
    return wrong ? -EINVAL : 0
  }

  /** Whom another module uses cannot be removed by force, either. */
  #rmmod(name: string): void {
    const used = name === 'soak_base' && this.#loaded.has('soak_user')
    const held = this.#held.some(each => each.name === name)
    const force = !held && this.#random.below(2) === 0 ? O_TRUNC : 0
    const ret = this.#machine.deleteModule(name, O_NONBLOCK | force)
    const there = this.#loaded.has(name)
    this.#expect('rmmod', ret, there ? (used || held ? -EAGAIN : 0) : -ENOENT)
    if (ret === 0) this.#loaded.delete(name)
  }

  #hold(name: string): void {
    const node = NODES[name]
    if (node === undefined || !this.#loaded.has(name)) return
    const fd = openSync(this.#machine.path('dev', node), 'r')
    this.#held.push({ name, fd })
    this.calls++
  }

  #letGo(): void {
    const [one] = this.#held.splice(this.#random.below(this.#held.length), 1)
    if (!one) return
    closeSync(one.fd)
    this.calls++
    this.#released(one.name)
  }

  /** The host tells of the last close(2) when it finds the time. */
  #released(name: string): void {
    const file = this.#machine.path('sys/module', name, 'refcnt')
    const held = this.#held.filter(each => each.name === name).length
    const end = performance.now() + RELEASE_PATIENCE
    while (Number(readFileSync(file, 'utf8')) !== held && performance.now() < end) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }

  #parameter(): void {
    if (!this.#loaded.has('hello')) return
    const file = this.#machine.path('sys/module/hello/parameters/whom')
    const name = `somebody${this.#random.below(1000)}`
    writeFileSync(file, name)
    this.#expect('the parameter', readFileSync(file, 'utf8'), `${name}\n`)
  }

  #look(): void {
    const text = readFileSync(this.#machine.path('proc/modules'), 'utf8')
    const rows = text.split('\n').map(line => line.split(' '))
    const ours = rows.filter(([name = '']) => NAMES.includes(name))
    const names = ours.map(([name = '']) => name).toSorted()
    this.#expect('/proc/modules', names.join(), [...this.#loaded].toSorted().join())
    for (const [name = '', , refs, users] of ours) {
      const used = name === 'soak_base' && this.#loaded.has('soak_user')
      const held = this.#held.filter(each => each.name === name).length
      this.#expect(`references of ${name}`, Number(refs), held + (used ? 1 : 0))
      this.#expect(`users of ${name}`, users ?? '', used ? 'soak_user,' : '-')
    }
  }

  /** With what it needs; without what nobody needs any more. */
  #modprobe(): void {
    const isLoaded = this.#loaded.has('soak_user')
    const words = [...(isLoaded ? ['-r'] : []), 'soak_user']
    const modbox = join(packageRoot(), 'bin/modbox.js')
    const { status, stderr } = spawnSync(
      process.execPath,
      [modbox, 'modprobe', ...words],
      { encoding: 'utf8', timeout: MODPROBE_PATIENCE, killSignal: 'SIGKILL' },
    )
    this.#expect(`modprobe ${words.join(' ')}${stderr}`, status, 0)
    for (const name of ['soak_base', 'soak_user']) {
      if (isLoaded) this.#loaded.delete(name)
      else this.#loaded.add(name)
    }
  }

  #expect<T>(call: string, answered: T, expected: T): void {
    this.calls++
    if (answered === expected) return
    throw new Error(
      `${this.#did}: ${call} answers ${String(answered)}, not ${String(expected)}`,
    )
  }
}
