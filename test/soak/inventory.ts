// What a machine holds, and what it holds more than before.

import type { Probed } from './probe.ts'

/** As it counts itself; a program that asks has one file open. */
export interface Counts {
  modules: number
  openFiles: number
  /** Files that the host knows by number. */
  nodes: number
  sleeping: number
  timers: number
}

/** What programs see of it. */
export interface View {
  counts: Counts
  /** All files of /dev, /proc and /sys. */
  paths: string[]
  /** Its complaints, since they were last asked for. */
  complaints: string[]
}

/** What the host sees of its daemon. */
export interface Held {
  descriptors: number
  threads: number
  probed: Probed
}

export interface Inventory extends View, Held {}

/** So many files are named. */
const MOST_NAMED = 8

/** Kinds of libuv's that come and go with each request. */
const PASSING = new Set(['Timeout', 'Immediate', 'FSReqCallback', 'FSReqPromise'])

/** What is more in `now` than in `before`, memory aside, and what is missing: a sentence each. */
export function differences(before: Inventory, now: Inventory): string[] {
  return [
    ...now.complaints.map(text => `the kernel says: ${text}`),
    ...more('counts', { ...before.counts }, { ...now.counts }),
    ...more('resources', before.probed.resources, now.probed.resources),
    ...more('of the daemon', processOf(before), processOf(now)),
    ...only('left', now.paths, before.paths),
    ...only('missing', before.paths, now.paths),
  ]
}

/** The first of those that are not among `others`, and how many more there are. */
function only(what: string, paths: readonly string[], others: readonly string[]) {
  const known = new Set(others)
  const found = paths.filter(path => !known.has(path))
  const more = found.length - MOST_NAMED
  return [
    ...found.slice(0, MOST_NAMED).map(path => `${what}: ${path}`),
    ...(more > 0 ? [`${what}: ${more} more`] : []),
  ]
}

function processOf({ descriptors, threads }: Inventory): Record<string, number> {
  return { descriptors, threads }
}

function more(
  what: string,
  before: Record<string, number>,
  now: Record<string, number>,
): string[] {
  return Object.entries(now)
    .filter(([name, n]) => !PASSING.has(name) && n > (before[name] ?? 0))
    .map(([name, n]) => `${what}: ${n} ${name}, not ${before[name] ?? 0}`)
}
