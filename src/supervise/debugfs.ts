// mount(8) of debugfs where the machine has it already: busy, as on Linux. The host would mount its own
// over it.

import { statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CAP_SYS_ADMIN } from '../include/uapi/capability.ts'
import { EBUSY } from '../include/uapi/errno.ts'
import type { Callers } from './callers.ts'
import { AT_FDCWD, int, type Call, CONTINUE } from './listener.ts'

const FOLDER = 'sys/kernel/debug'
/** What statfs(2) says of it. */
const DEBUGFS_MAGIC = 0x64626720

export class DebugfsMounts {
  readonly #callers: Callers
  readonly #folder: string | undefined

  constructor(callers: Callers, mountpoint: string) {
    this.#callers = callers
    this.#folder = identityOf(join(mountpoint, FOLDER))
  }

  /** mount(source, target, type, …) */
  mount({ pid, args: [, target = 0n, type = 0n] }: Call): number | typeof CONTINUE {
    const path = this.#callers.path(pid, AT_FDCWD, target)
    return this.#isMachines(pid, path) && this.#callers.string(pid, type) === 'debugfs'
      ? -EBUSY
      : CONTINUE
  }

  /** move_mount(from_dfd, from_path, to_dfd, to_path, flags), the last step of newer ones. */
  move_mount({ pid, args: [from, , to, target = 0n] }: Call): number | typeof CONTINUE {
    const path = this.#callers.path(pid, int(to), target)
    return this.#isMachines(pid, path) && isDebugfs(`/proc/${pid}/fd/${int(from)}`)
      ? -EBUSY
      : CONTINUE
  }

  /** Of those who may mount nothing the host says so. */
  #isMachines(pid: number, path: string | number): boolean {
    if (typeof path === 'number' || this.#folder === undefined) return false
    return (
      identityOf(path) === this.#folder && this.#callers.isCapable(pid, CAP_SYS_ADMIN)
    )
  }
}

/** The same for all paths that lead to a file. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

function isDebugfs(path: string): boolean {
  try {
    return statfsSync(path).type === DEBUGFS_MAGIC
  } catch {
    return false
  }
}
