// What parts of a process's memory may be read or written, as its own instructions may.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { mountedOn } from './mount_table.ts'

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

const PAGE = 4096

export interface Mapping {
  from: bigint
  to: bigint
  /** "rw-s": readable, writable, executable; shared or private. */
  modes: string
  /** Where in its file it begins, in bytes. */
  offset: number
  /** "00:2d", of the file system that the file is in. */
  device: string
  /** The file's number there. */
  ino: number
}

/** In the order of their addresses, as the host lists them; none of a process that is gone. */
export function mappings(pid: number): Mapping[] {
  return parseMaps(mapsOf(pid))
}

/** The number of the file system mounted on `mountpoint`, as maps show it: "00:2d". */
export function mapsDevice(mountpoint: string): string {
  const numbers = mountedOn(mountpoint)?.device.split(':') ?? []
  return numbers.map(n => Number(n).toString(16).padStart(2, '0')).join(':')
}

/** How long to wait for a process whose memory is being changed, in milliseconds. */
const PATIENCE = 1000

/**
 * As mappings(), for a process that is touching its memory. Its maps may be locked until it has got
 * our answer, so they are read on another thread, and done without if that takes too long.
 */
export async function mappingsInBackground(pid: number): Promise<Mapping[]> {
  const waiting = new AbortController()
  const text = await Promise.race([
    readFile(`/proc/${pid}/maps`, 'utf8').catch(() => ''),
    sleep(PATIENCE, '', { signal: waiting.signal }).catch(() => ''),
  ])
  waiting.abort()
  return parseMaps(text)
}

const LINE = /^(\w+)-(\w+) (\S+) (\w+) (\S+) (\d+)/

/** Lines of "7f01a000-7f01b000 rw-s 00001000 00:2d 17  /path". */
export function parseMaps(text: string): Mapping[] {
  return text.split('\n').flatMap(line => {
    const [, from, to, modes = '', offset, device = '', ino] = LINE.exec(line) ?? []
    if (!from || !to) return []
    const range = { from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) }
    return [{ ...range, modes, offset: Number(`0x${offset}`), device, ino: Number(ino) }]
  })
}

/**
 * Where the host will probably put `length` bytes: from where it has put its first library downwards, at the
 * upper end of the first gap. Linux: mm/mmap.c, arch_get_unmapped_area_topdown().
 */
export function likelyPlace(known: readonly Mapping[], length: number): number {
  const size = BigInt(Math.ceil(length / PAGE) * PAGE)
  let lowest: bigint | undefined
  for (const { from, to, ino } of known.toReversed()) {
    if (lowest === undefined && ino === 0) continue
    if (lowest !== undefined && lowest - to >= size) break
    lowest = from
  }
  return lowest === undefined || lowest < size ? 0 : Number(lowest - size)
}

function mapsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8')
  } catch {
    return ''
  }
}
