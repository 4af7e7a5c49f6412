// Which machines are mounted, as the host's mount table tells it: the one way to ask that cannot
// hang. Even stat(2) on a mount point waits for its daemon, for ever if that is dead.

import { readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** The source that mount(8) shows for every machine. */
export const MOUNT_SOURCE = 'modbox'

const LINKS_MAX = 40

/** Where machines are mounted in this process's namespace, dead ones included. */
export function machineMounts(
  table = readFileSync('/proc/self/mounts', 'utf8'),
): string[] {
  return table
    .split('\n')
    .map(line => line.split(' '))
    .filter(
      ([source, , type]) => source === MOUNT_SOURCE && /^fuse(\.|$)/.test(type ?? ''),
    )
    .map(([, path]) => unescapePath(path ?? ''))
}

/** Where the machine is mounted whose /dev is this process's own; undefined if that is the host's. */
export function mountAround(
  table = readFileSync('/proc/self/mountinfo', 'utf8'),
): string | undefined {
  const mounts = table
    .split('\n')
    .map(line => line.split(' '))
    .filter(words => words.includes(MOUNT_SOURCE))
    .map(([, , device, root, path = '']) => ({ device, root, path }))
  const dev = mounts.findLast(({ path }) => path === '/dev')
  const whole = mounts.find(({ device, root }) => device === dev?.device && root === '/')
  return whole && unescapePath(whole.path)
}

/** Blanks and backslashes are octal escapes in the mount table. */
function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
}

/**
 * The mount that `path` names, itself or by way of symbolic links; undefined if it is none of
 * `mounts`. Never looks at a mount point itself.
 */
export function findMount(path: string, mounts: readonly string[]): string | undefined {
  let absolute = resolve(path)
  for (let links = 0; links < LINKS_MAX; links++) {
    if (mounts.includes(absolute)) return absolute
    if (mounts.some(mount => absolute.startsWith(`${mount}/`))) return undefined

    const real = realParent(absolute)
    if (real !== absolute) {
      absolute = real
      continue
    }
    const target = linkTarget(absolute)
    if (target === undefined) return undefined
    absolute = target
  }
  return undefined
}

function realParent(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path))
  } catch {
    return path
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return resolve(dirname(path), readlinkSync(path))
  } catch {
    return undefined
  }
}
