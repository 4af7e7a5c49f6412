// Where the modules of a kernel are: below /lib/modules/<release>.

import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import type { Machine } from '../syscall/client.ts'

/** Which kernel's modules are meant. */
export interface ModulesPlace {
  /** The release of a kernel; without it, that of the one that runs. */
  readonly version?: string | undefined
  /** A folder that holds lib/modules; without it, the machine's own. */
  readonly basedir?: string | undefined
  /** Asked for only if there is no `basedir`. */
  readonly machine: () => Machine
}

/** The folder of a kernel's modules. */
export interface ModulesFolder {
  /** Absolute, but put together as it was given, for that is how it is printed. */
  readonly dirname: string
  readonly release: string
  /** Undefined if a folder was given. */
  readonly machine: Machine | undefined
}

/** Throws a MachineError if there is no machine, and none of its folders is given. */
export function modulesFolder({
  version,
  basedir,
  machine,
}: ModulesPlace): ModulesFolder {
  if (basedir !== undefined) {
    const wanted = version ?? release()
    const dirname = absolutePath(`${basedir}/lib/modules/${wanted}`)
    return { dirname, release: wanted, machine: undefined }
  }
  const own = machine()
  const root = own.root === '/' ? '' : own.root
  const wanted = version ?? runningRelease(own)
  return { dirname: `${root}/lib/modules/${wanted}`, release: wanted, machine: own }
}

/** From the folder we are in, without tidying. */
export function absolutePath(path: string): string {
  return path.startsWith('/') ? path : `${process.cwd()}/${path}`
}

/** The machine's own word for it; the host's where that cannot be read: they are the same. */
function runningRelease(machine: Machine): string {
  try {
    return readFileSync(machine.path('proc', 'sys/kernel/osrelease'), 'utf8').trim()
  } catch {
    return release()
  }
}
