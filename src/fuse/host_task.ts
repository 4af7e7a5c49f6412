// The processes of the host that call: what the simulated kernel may ask about them.

import type { Identity } from '../kernel/sched.ts'
import type { user_memory } from '../lib/usercopy.ts'
import type { Caller } from './filesystem.ts'
import { isCapable } from './host_capabilities.ts'
import { textOf } from './host_text.ts'
import type { Ids } from './ids.ts'

/** Linux: DEFAULT_OVERFLOWUID. */
const NOBODY = 65534

/** In the masks of /proc/<pid>/status signal 1 is bit 0. */
const SIGKILL_BIT = 1n << 8n

abstract class HostTask implements Identity {
  readonly pid: number
  abstract readonly uid: number
  abstract readonly gid: number
  protected readonly ids: Ids
  readonly #memoryOf: (pid: number) => user_memory
  #comm: string | undefined

  constructor(pid: number, ids: Ids, memoryOf: (pid: number) => user_memory) {
    this.pid = pid
    this.ids = ids
    this.#memoryOf = memoryOf
  }

  tgid(): number {
    return Number(
      /^Tgid:\s+(\d+)/m.exec(textOf(`/proc/${this.pid}/status`))?.[1] ?? this.pid,
    )
  }

  comm(): string {
    return this.#comm ?? textOf(`/proc/${this.pid}/comm`).trimEnd()
  }

  /** Know it also when the process has ended. */
  rememberComm(): void {
    this.#comm = this.comm()
  }

  tty(): number {
    return statField(this.pid, 7)
  }

  parent(): Identity | undefined {
    const pid = statField(this.pid, 4)
    return pid === 0 ? undefined : new ProcessIdentity(pid, this.ids, this.#memoryOf)
  }

  memory(): user_memory {
    return this.#memoryOf(this.pid)
  }

  capable(cap: number): boolean {
    return isCapable(this, this.ids.ownerIsRoot, cap)
  }

  /** Whatever kills a process, the host then sends all its threads a SIGKILL. */
  dying(): boolean {
    const [, pending = ''] =
      /^SigPnd:\s+(\w+)/m.exec(textOf(`/proc/${this.pid}/status`)) ?? []
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

/** The caller of a request, whom the host has named. */
export class HostIdentity extends HostTask {
  readonly uid: number
  readonly gid: number

  constructor(caller: Caller, ids: Ids, memoryOf: (pid: number) => user_memory) {
    super(caller.pid, ids, memoryOf)
    this.uid = ids.uid(caller.uid)
    this.gid = ids.gid(caller.gid)
  }
}

/** A process of which only the number is known: who it is is looked up when somebody asks. */
export class ProcessIdentity extends HostTask {
  #owner: { uid: number; gid: number } | undefined

  get uid(): number {
    return this.#look().uid
  }

  get gid(): number {
    return this.#look().gid
  }

  #look(): { uid: number; gid: number } {
    if (this.#owner) return this.#owner
    const status = textOf(`/proc/${this.pid}/status`)
    const uid = fileSystemId(status, 'Uid')
    const gid = fileSystemId(status, 'Gid')
    this.#owner = { uid: this.ids.uid(uid), gid: this.ids.gid(gid) }
    return this.#owner
  }
}

/** Of the four ids in a line of /proc/<pid>/status the last; nobody's if the process is gone. */
function fileSystemId(status: string, name: 'Uid' | 'Gid'): number {
  const line = new RegExp(`^${name}:(?:\\s+\\d+){3}\\s+(\\d+)`, 'm').exec(status)
  return Number(line?.[1] ?? NOBODY)
}

/** Field number `n`, from 3 on, of /proc/<pid>/stat; the name, the second one, may hold anything. */
export function statField(pid: number, n: number): number {
  const afterName = textOf(`/proc/${pid}/stat`).split(') ').at(-1) ?? ''
  return Number(afterName.split(' ')[n - 3] ?? 0)
}
