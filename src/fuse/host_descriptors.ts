// Which descriptors a process of the host has.

import { readdirSync, readFileSync } from 'node:fs'
import { EMFILE } from '../include/uapi/errno.ts'

/** The lowest number that is none of its descriptors, nor one of `besides`; -EMFILE at the end of its limit. */
export function lowestFreeDescriptor(pid: number, besides: ReadonlySet<number>): number {
  const used = new Set([...descriptors(pid), ...besides])
  let fd = 0
  while (used.has(fd)) fd++
  return fd < limit(pid) ? fd : -EMFILE
}

/** Who was killed while he waited has none any more. */
function descriptors(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(Number)
  } catch {
    return []
  }
}

/** RLIMIT_NOFILE. */
function limit(pid: number): number {
  try {
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8')
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity)
  } catch {
    return Infinity
  }
}
