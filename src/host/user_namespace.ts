// Which user namespace this process is in: one of its own making, or somebody else's.

import { readFileSync } from 'node:fs'

/** How many ids there are: outside of user namespaces every one means itself. */
const ALL_IDS = 4294967295

/** Ids from `inside` on are those from `outside` on of the namespace around. */
interface Range {
  readonly inside: number
  readonly outside: number
  readonly count: number
}

export function inUserNamespace(): boolean {
  return userIds()[0]?.count !== ALL_IDS
}

/** What user `uid` is called outside of this user namespace; undefined if he is unknown there. */
export function uidOutside(uid: number, ranges = userIds()): number | undefined {
  const range = ranges.find(({ inside, count }) => uid >= inside && uid < inside + count)
  return range && range.outside + (uid - range.inside)
}

/** What that user is called inside; undefined if nobody here stands for him. */
export function uidInside(uid: number, ranges = userIds()): number | undefined {
  const range = ranges.find(
    ({ outside, count }) => uid >= outside && uid < outside + count,
  )
  return range && range.inside + (uid - range.outside)
}

/** The lines of /proc/self/uid_map. */
function userIds(): Range[] {
  return uidMap()
    .trim()
    .split('\n')
    .map(line => {
      const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number)
      return { inside, outside, count }
    })
}

function uidMap(): string {
  try {
    return readFileSync('/proc/self/uid_map', 'utf8')
  } catch {
    return `0 0 ${ALL_IDS}` // a host without user namespaces
  }
}
