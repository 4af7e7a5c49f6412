// What parts of a process's memory may be read or written, as its own instructions may.

import { readFileSync } from 'node:fs'

/** How many of `length` bytes from `address` on the process may access; its maps tell. */
export function accessible(
  pid: number,
  address: bigint,
  length: number,
  mode: 'r' | 'w',
): number {
  let at = address
  const end = address + BigInt(length)
  for (const { from, to, modes } of mappings(pid)) {
    if (to <= at) continue
    if (from > at || at >= end || !modes.includes(mode)) break
    at = to
  }
  return Number((at < end ? at : end) - address)
}

interface Mapping {
  from: bigint
  to: bigint
  modes: string
}

/** In the order of their addresses, as the host lists them; none of a process that is gone. */
function mappings(pid: number): Mapping[] {
  return mapsOf(pid)
    .split('\n')
    .flatMap(line => {
      const [, from, to, modes = ''] = /^(\w+)-(\w+) (\S+)/.exec(line) ?? []
      return from && to
        ? [{ from: BigInt(`0x${from}`), to: BigInt(`0x${to}`), modes }]
        : []
    })
}

function mapsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8')
  } catch {
    return ''
  }
}
