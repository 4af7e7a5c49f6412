// What fstat(2) shows as the size of an open device, which the host takes for a regular file.
//
// Tools draw conclusions from the size of a regular file that they would not from a device's: `dd
// skip=` warns of skipping past it, `tail -f` reads on only if it has grown, and says "file truncated" if
// it is smaller than what has been read. A size of 0 makes them read until the end comes, so that is what they get at
// the start; from then on there may always be more than they have seen.

import { readFileSync } from 'node:fs'

/** How much more there may be, in bytes: what cat(1) asks for at once. */
const AHEAD = 131072

/** For thread `pid`, which waits in fstat(2). */
export function sizeOfOpenDevice(pid: number): number {
  const position = descriptorPosition(pid) ?? 0
  return position > 0 ? position + AHEAD : 0
}

/** Where the descriptor stands that is the first argument of the call; undefined if it is not ours to see. */
export function descriptorPosition(pid: number): number | undefined {
  const [, fd] = textOf(`/proc/${pid}/syscall`).split(' ')
  const info = textOf(`/proc/${pid}/fdinfo/${Number(fd)}`)
  const position = /^pos:\s+(\d+)/.exec(info)?.[1]
  return position === undefined ? undefined : Number(position)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
