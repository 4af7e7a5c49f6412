// A machine with all sample drivers, to be treated badly: what it complains of, and whether it is still
// as it was.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Kernel } from '../../src/boot.ts'
import type { LogRecord } from '../../src/lib/kmsg.ts'
import { packageRoot } from '../../src/package.ts'
import { Connections } from '../../src/syscall/connections.ts'
import { MODBOX_MINOR, modboxDevice } from '../../src/syscall/server.ts'
import { bootThisMachine } from '../../src/this_machine.ts'
import { UserProcess } from '../../src/user_process.ts'
import { isComplaint } from './complaints.ts'

/** For what sleeps to end, in milliseconds; some samples sleep for a second that no signal ends. */
const PATIENCE = 10_000

export class FuzzedMachine {
  readonly kernel: Kernel
  readonly connections: Connections
  readonly #complaints: string[]

  private constructor(kernel: Kernel, complaints: string[]) {
    this.kernel = kernel
    this.#complaints = complaints
    const { sched, wait } = kernel
    this.connections = new Connections({
      wake: queue => wait.wake_up_interruptible(queue),
      signal: task => sched.signal_wake_up(task),
      fput: file => void kernel.files.fput(file),
      rightsOf: () => () => true,
    })
  }

  static async boot(): Promise<FuzzedMachine> {
    // Whatever number a message makes up for a process, no process of the host's gets a signal.
    process.kill = () => true
    const complaints: string[] = []
    const console = ({ facility, text }: LogRecord) => {
      if (facility === 0 && isComplaint(text)) complaints.push(text)
    }
    const machine = new FuzzedMachine(await bootThisMachine({ console }), complaints)
    machine.#serve()
    for (const file of sampleDrivers()) await machine.#load(file)
    return machine
  }

  user(uid = 0): UserProcess {
    return new UserProcess(this.kernel, { uid, gid: uid, comm: 'fuzz', pid: 4242 })
  }

  /** It has stopped, as it was told to, or as it does when something goes wrong. */
  get stopped(): boolean {
    return this.kernel.emergency.stopped
  }

  /** What it has complained of since the last time. */
  complaints(): string | undefined {
    const said = this.#complaints.splice(0).join('; ')
    return said || undefined
  }

  /** Let it run until `isDone`: whether that comes in time. `nudge` is called again and again. */
  async settle(isDone: () => boolean, nudge: () => void = () => {}): Promise<boolean> {
    const end = performance.now() + PATIENCE
    while (!isDone()) {
      if (performance.now() > end) return false
      await new Promise<void>(resolve =>
        setTimeout(() => {
          nudge()
          this.kernel.sched.run()
          resolve()
        }, 1),
      )
    }
    return true
  }

  /** Nothing may be open now, and it has to answer. */
  async problem(): Promise<string | undefined> {
    const { files } = this.kernel
    if (!(await this.settle(() => files.count === 0))) return `${files.count} files open`
    const version = await this.user().readFile('/proc/version')
    return String(version).startsWith('Linux version') ? undefined : 'answers no more'
  }

  halt(): void {
    this.kernel.clock.halt()
  }

  #serve(): void {
    const { modules, log, capabilities, sched, misc } = this.kernel
    const { connections } = this
    const needs = { modules, log, capabilities, sched, connections }
    const status = () => ({ mountpoint: '/mnt' }) as never
    misc.misc_register(modboxDevice({ ...needs, status, reboot: () => {} }, MODBOX_MINOR))
  }

  async #load(file: string): Promise<void> {
    const { modules } = this.kernel
    const ret = await this.user().syscall(() =>
      modules.finit_module(readFileSync(file), '', 0),
    )
    if (ret !== 0) throw new Error(`Cannot load ${file}: error ${ret}`)
  }
}

/** Scull first: others use its symbols. */
export function sampleDrivers(): string[] {
  const folder = join(packageRoot(), 'drivers')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ko') && !name.startsWith('char/'))
    .toSorted()
    .map(name => join(folder, name))
}
