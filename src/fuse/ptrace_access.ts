// May one process of the host act for another, with its memory and its rights? If it could trace it.
// Linux: __ptrace_may_access() in kernel/ptrace.c, cap_ptrace_access_check() in security/commoncap.c.

import { readFileSync, statSync } from 'node:fs'
import { CAP_SYS_PTRACE } from '../include/uapi/capability.ts'
import { userNamespace } from './host_capabilities.ts'

/** What /proc/<pid>/status says of a process. */
interface Credentials {
  readonly tgid: number
  /** Real, effective, saved and that of file accesses. */
  readonly uids: readonly number[]
  readonly gids: readonly number[]
  readonly permitted: bigint
  readonly effective: bigint
}

/** Who traces, as he is now: what he becomes later does not count. */
export class Tracer {
  readonly #credentials: Credentials | undefined
  readonly #namespace: string
  /** He may trace everybody. */
  readonly #unlimited: boolean

  constructor(pid: number) {
    this.#credentials = credentialsOf(pid)
    this.#namespace = userNamespace(pid)
    const effective = this.#credentials?.effective ?? 0n
    const isOurs = this.#namespace === userNamespace('self')
    this.#unlimited = isOurs && ((effective >> BigInt(CAP_SYS_PTRACE)) & 1n) !== 0n
  }

  /** `pid` may be that of a thread. */
  mayAttach(pid: number): boolean {
    if (this.#unlimited) return true
    const own = this.#credentials
    const other = credentialsOf(pid)
    if (!own || !other) return false
    if (own.tgid === other.tgid) return true
    return isSameUser(own, other) && isDumpable(pid, other) && this.#hasAll(pid, other)
  }

  /** Capabilities of a user namespace below are no rights here. */
  #hasAll(pid: number, other: Credentials): boolean {
    const own = this.#credentials?.permitted ?? 0n
    return userNamespace(pid) !== this.#namespace || (other.permitted & ~own) === 0n
  }
}

/** All that `other` is or can become, `own` is really. */
function isSameUser(own: Credentials, other: Credentials): boolean {
  const [uid] = own.uids
  const [gid] = own.gids
  return (
    other.uids.slice(0, 3).every(id => id === uid) &&
    other.gids.slice(0, 3).every(id => id === gid)
  )
}

/** Files in /proc of a process that is not to be looked at are root's. */
function isDumpable(pid: number, { uids: [, euid] }: Credentials): boolean {
  try {
    return statSync(`/proc/${pid}/status`).uid === euid
  } catch {
    return false
  }
}

function credentialsOf(pid: number): Credentials | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const field = (name: string) =>
      new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1] ?? ''
    const numbers = (name: string) => field(name).split('\t').map(Number)
    const set = (name: string) => BigInt(`0x${field(name) || '0'}`)
    return {
      tgid: Number(field('Tgid')),
      uids: numbers('Uid'),
      gids: numbers('Gid'),
      permitted: set('CapPrm'),
      effective: set('CapEff'),
    }
  } catch {
    return undefined // it is gone
  }
}
