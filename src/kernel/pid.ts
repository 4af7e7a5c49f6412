// Which processes there are, for those who name one by its number. Linux: kernel/pid.c.

import type { Task } from './sched.ts'

/** A process that can be sent signals. */
export interface SignalTarget {
  readonly pid: number
  readonly uid: number
  kill(signal: number): void
}

export class Processes {
  readonly #byPid = new Map<number, SignalTarget>()

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
    if (pid !== current.pid && pid !== current.tgid) return this.#byPid.get(pid)
    return { pid, uid: current.cred.uid, kill: signal => current.kill(signal) }
  }
}
