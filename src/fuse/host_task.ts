// The processes of the host that call: what the simulated kernel may ask about them.

import { readFileSync } from 'node:fs'
import type { Identity } from '../kernel/sched.ts'
import type { user_memory } from '../lib/usercopy.ts'
import type { Caller } from './filesystem.ts'
import type { Ids } from './ids.ts'

/** In the masks of /proc/<pid>/status signal 1 is bit 0. */
const SIGKILL_BIT = 1n << 8n

export class HostIdentity implements Identity {
  readonly pid: number
  readonly uid: number
  readonly gid: number
  readonly #ids: Ids
  readonly #memoryOf: (pid: number) => user_memory
  #comm: string | undefined

  constructor(caller: Caller, ids: Ids, memoryOf: (pid: number) => user_memory) {
    this.#ids = ids
    this.#memoryOf = memoryOf
    this.pid = caller.pid
    this.uid = ids.uid(caller.uid)
    this.gid = ids.gid(caller.gid)
  }

  tgid(): number {
    return Number(/^Tgid:\s+(\d+)/m.exec(procFile(this.pid, 'status'))?.[1] ?? this.pid)
  }

  comm(): string {
    return this.#comm ?? procFile(this.pid, 'comm').trimEnd()
  }

  /** Know it also when the process has ended. */
  rememberComm(): void {
    this.#comm = this.comm()
  }

  tty(): number {
    return statField(this.pid, 7)
  }

  parent(): HostIdentity | undefined {
    const pid = statField(this.pid, 4)
    if (pid === 0) return undefined
    const status = procFile(pid, 'status')
    const id = (name: string) =>
      Number(RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    const caller = { pid, uid: id('Uid'), gid: id('Gid'), unique: 0 }
    return new HostIdentity(caller, this.#ids, this.#memoryOf)
  }

  memory(): user_memory {
    return this.#memoryOf(this.pid)
  }

  /** Whatever kills a process, the host then sends all its threads a SIGKILL. */
  dying(): boolean {
    const [, pending = ''] = /^SigPnd:\s+(\w+)/m.exec(procFile(this.pid, 'status')) ?? []
    return pending === '' || (BigInt(`0x${pending}`) & SIGKILL_BIT) !== 0n
  }

  kill(signal: number): void {
    if (this.pid === 0) return // in a foreign pid namespace: unknown to us
    try {
      process.kill(this.pid, signal)
    } catch {
      // It is gone already, or not ours to kill: its call fails with an error instead.
    }
  }
}

/** Field number `n`, from 3 on, of /proc/<pid>/stat; the name, the second one, may hold anything. */
function statField(pid: number, n: number): number {
  const afterName = procFile(pid, 'stat').split(') ').at(-1) ?? ''
  return Number(afterName.split(' ')[n - 3] ?? 0)
}

function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
