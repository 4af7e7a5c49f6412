// What the host's programs may do in the machine.
//
// In a machine of root's it is what they may do on the host: capabilities of a user namespace below count
// for nothing there. In a machine of an ordinary user's he is root; but where he is in a user namespace,
// as under `modbox run`, he may have given capabilities away.

import { readFileSync, readlinkSync } from 'node:fs'

/** A thread of the host: `uid` is who it is in the machine. */
interface Caller {
  readonly pid: number
  readonly uid: number
}

/** Has that thread this one of CAP_*? */
export function isCapable(
  { pid, uid }: Caller,
  ownerIsRoot: boolean,
  cap: number,
): boolean {
  const isForeign = userNamespace(pid) !== userNamespace('self')
  if (ownerIsRoot) return !isForeign && isEffective(pid, cap, uid === 0)
  return uid === 0 && (!isForeign || isEffective(pid, cap, true))
}

/** Is `cap` in the thread's effective set? `unknown` if the host does not say. */
function isEffective(pid: number, cap: number, unknown: boolean): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const [, set = '0'] = /^CapEff:\s+(\w+)/m.exec(status) ?? []
    return ((BigInt(`0x${set}`) >> BigInt(cap)) & 1n) !== 0n
  } catch {
    return unknown // it has ended, or is in another PID namespace
  }
}

/** The name of a thread's user namespace; that of this process where the host does not say. */
export function userNamespace(pid: number | 'self'): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/user`)
  } catch {
    return pid === 'self' ? '' : userNamespace('self')
  }
}
