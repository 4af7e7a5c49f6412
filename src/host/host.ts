// What this program asks of the operating system beyond node's own API, by family.

import { Descriptors } from './descriptors.ts'
import { Exec } from './exec.ts'
import { loadKoffi } from './koffi.ts'
import type { Koffi } from './koffi.ts'
import { Mounts } from './mounts.ts'
import { Pages } from './pages.ts'
import { Pidfds } from './pidfd.ts'
import { ProcessVm } from './process_vm.ts'
import { Readiness } from './readiness.ts'
import { Seccomp } from './seccomp.ts'
import { UnixSockets } from './unix_sockets.ts'

export interface Host {
  readonly koffi: Koffi
  readonly descriptors: Descriptors
  readonly exec: Exec
  readonly mounts: Mounts
  readonly pages: Pages
  readonly pidfds: Pidfds
  readonly processVm: ProcessVm
  readonly readiness: Readiness
  readonly seccomp: Seccomp
  readonly sockets: UnixSockets
}

/** The host's C library, or undefined where it cannot be called. */
export async function openHost(): Promise<Host | undefined> {
  const koffi = await loadKoffi()
  if (!koffi) return undefined

  const libc = koffi.load(null)
  return {
    koffi,
    descriptors: new Descriptors(koffi, libc),
    exec: new Exec(koffi, libc),
    mounts: new Mounts(koffi, libc),
    pages: new Pages(koffi),
    pidfds: new Pidfds(koffi, libc),
    processVm: new ProcessVm(koffi, libc),
    readiness: new Readiness(koffi),
    seccomp: new Seccomp(koffi, libc),
    sockets: new UnixSockets(koffi, libc),
  }
}
