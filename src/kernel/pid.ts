// Which processes there are, for those who name one by its number. Linux: kernel/pid.c.

import type { Task } from './sched.ts'

/** A process that can be sent signals. */
export interface SignalTarget {
  readonly pid: number
  readonly uid: number
  /** The group it is in. */
  readonly pgrp?: number
  kill(signal: number): void
}

/** Processes that make no calls in this process: the host's. */
export interface OtherProcesses {
  find(pid: number): SignalTarget | undefined
  /** The processes of group `pgrp`, as they are now. */
  group(pgrp: number): SignalTarget[]
}

export class Processes {
  readonly #byPid = new Map<number, SignalTarget>()
  #others: OtherProcesses | undefined

  /** There are more of them. */
  join(others: OtherProcesses): void {
    this.#others = others
  }

  /** A process has begun; the last one of a number counts. */
  attach(process: SignalTarget): void {
    this.#byPid.set(process.pid, process)
  }

  /** It has ended. */
  detach(process: SignalTarget): void {
    if (this.#byPid.get(process.pid) === process) this.#byPid.delete(process.pid)
  }

  /** The process of number `pid`, if there is one; `current` is always there. */
  find(pid: number, current: Task): SignalTarget | undefined {
    if (pid !== current.pid && pid !== current.tgid) {
      return this.#byPid.get(pid) ?? this.#others?.find(pid)
    }
    return { pid, uid: current.cred.uid, kill: signal => current.kill(signal) }
  }

  group(pgrp: number): SignalTarget[] {
    const ours = [...this.#byPid.values()].filter(process => process.pgrp === pgrp)
    return [...ours, ...(this.#others?.group(pgrp) ?? [])]
  }
}
