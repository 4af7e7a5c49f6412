// The host's processes that get signals of a file, as F_SETOWN names them.

import { readdirSync } from 'node:fs'
import type { OtherProcesses, SignalTarget } from '../kernel/pid.ts'
import type { Identity } from '../kernel/sched.ts'
import { statField } from './host_task.ts'

/** Fields of /proc/<pid>/stat. */
const PGRP = 5
const STARTTIME = 22

export class HostProcesses implements OtherProcesses {
  readonly #identityOf: (pid: number) => Identity

  constructor(identityOf: (pid: number) => Identity) {
    this.#identityOf = identityOf
  }

  /** Its number may be another's later: that one gets nothing. */
  find(pid: number): SignalTarget | undefined {
    const started = statField(pid, STARTTIME)
    if (started === 0) return undefined
    const { uid, kill } = this.#bound(pid)
    return {
      pid,
      uid,
      kill(signal) {
        if (statField(pid, STARTTIME) === started) kill(signal)
      },
    }
  }

  group(pgrp: number): SignalTarget[] {
    return readdirSync('/proc')
      .map(Number)
      .filter(pid => pid > 0 && statField(pid, PGRP) === pgrp)
      .map(pid => ({ pid, ...this.#bound(pid) }))
  }

  #bound(pid: number): { uid: number; kill: (signal: number) => void } {
    const identity = this.#identityOf(pid)
    return { uid: identity.uid, kill: signal => identity.kill?.(signal) }
  }
}
