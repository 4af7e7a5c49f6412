// The memory of the program that makes an ioctl, at the addresses it uses itself.
//
// process_vm_readv() and its twin take the process by number at each call, so nothing here goes
// stale when the program executes another. Where they are not to be had, /proc/<pid>/mem is
// opened for each transfer; it would also reach pages that the program itself may not, so its map is
// asked first.

import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import type { Host } from '../host/host.ts'
import { EPERM, ENOSYS } from '../include/uapi/errno.ts'
import type { user_memory } from '../lib/usercopy.ts'
import { accessible } from './memory_map.ts'

type Step = (fd: number, bytes: Uint8Array, done: number, position: bigint) => number

export class ProcessMemory implements user_memory {
  readonly #pid: number
  readonly #host: Host | undefined

  /** `pid` may be that of a thread. */
  constructor(pid: number, host: Host | undefined) {
    this.#pid = pid
    this.#host = host
  }

  read(address: bigint | number, to: Uint8Array): number {
    const at = BigInt(address)
    const n = this.#host?.processVm.read(this.#pid, at, to) ?? -ENOSYS
    if (n !== -ENOSYS && n !== -EPERM) return Math.max(n, 0)

    return this.#throughFile('r', at, to, (fd, bytes, done, position) =>
      readSync(fd, bytes, done, bytes.length - done, position),
    )
  }

  write(address: bigint | number, from: Uint8Array): number {
    const at = BigInt(address)
    const n = this.#host?.processVm.write(this.#pid, at, from) ?? -ENOSYS
    if (n !== -ENOSYS && n !== -EPERM) return Math.max(n, 0)

    // Node's types know no bigint here, but positions that large are ordinary addresses.
    return this.#throughFile('r+', at, from, (fd, bytes, done, position) =>
      writeSync(fd, bytes, done, bytes.length - done, Number(position)),
    )
  }

  #throughFile(mode: 'r' | 'r+', address: bigint, all: Uint8Array, step: Step): number {
    const access = mode === 'r' ? 'r' : 'w'
    const bytes = all.subarray(0, accessible(this.#pid, address, all.length, access))
    let done = 0
    let fd = -1
    try {
      fd = openSync(`/proc/${this.#pid}/mem`, mode)
      while (done < bytes.length) {
        const n = step(fd, bytes, done, address + BigInt(done))
        if (n === 0) break
        done += n
      }
    } catch {
      // The program is gone, is not ours to touch, or has no such page: `done` says it all.
    } finally {
      if (fd >= 0) closeSync(fd)
    }
    return done
  }
}
