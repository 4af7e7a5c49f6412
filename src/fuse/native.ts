// The transport fuse-native: libfuse 2's path API, for hosts where devfuse cannot mount.
//
// What it does not carry is not there: ioctl, poll, mapped memory, who calls. docs/transports.md has the list.
// libfuse's threads hand each call to node's main thread, so it works on no other.

import { readdirSync, readlinkSync } from 'node:fs'
import type { Host } from '../host/host.ts'
import { ENODEV } from '../include/uapi/errno.ts'
import { no_memory } from '../lib/usercopy.ts'
import { FILESYSTEM, prepareMountpoint, SOURCE } from './mount.ts'
import { MountError } from './mount_error.ts'
import { mountedOn } from './mount_table.ts'
import { loadFuseNative, type NativeMount } from './native_binding.ts'
import { NativeCalls } from './native_calls.ts'
import { PathOperations } from './native_operations.ts'
import { interruptSignalled, SIGNAL } from './native_signals.ts'
import type { NamedFilesystem } from './path_nodes.ts'
import { SystemCalls } from './system_call.ts'
import type { Transport, TransportHooks } from './transport.ts'

/**
 * - direct_io: reads and writes reach the driver, at the size that was asked for, up to 128 KiB.
 * - atomic_o_trunc: open(2) with O_TRUNC is one call, and the driver sees the flag.
 * - no timeouts: the kernel's files change without notice.
 * - hard_remove: a file that is removed while it is open gets no other name.
 * - intr: see native_signals.ts. Signal 12 is SIGUSR2.
 */
const OPTIONS = [
  'direct_io',
  'big_writes',
  'atomic_o_trunc',
  'entry_timeout=0',
  'attr_timeout=0',
  'negative_timeout=0',
  'hard_remove',
  'intr',
  'intr_signal=12',
  'default_permissions',
  `fsname=${SOURCE}`,
  'subtype=modbox',
]

/** How long a caller that was woken may take to be gone, in milliseconds. */
const LOOK_AGAIN = 20

/** How often to look whether somebody has unmounted, in milliseconds: libfuse does not tell. */
const LOOK_EVERY = 1000

export class FuseNative implements Transport {
  readonly name = 'fuse-native'
  readonly way = 'libfuse 2'
  readonly device = undefined
  readonly mountpoint: string
  readonly #mount: NativeMount
  readonly #host: Host | undefined
  readonly #systemCalls = new SystemCalls(() => no_memory)

  /** Ready to mount on `folder`. Throws MountError. */
  static async open(folder: string, host: Host | undefined): Promise<FuseNative> {
    const mount = await loadFuseNative()
    return new FuseNative(await prepareMountpoint(folder, host), mount, host)
  }

  private constructor(mountpoint: string, mount: NativeMount, host: Host | undefined) {
    this.mountpoint = mountpoint
    this.#mount = mount
    this.#host = host
  }

  async start(fs: NamedFilesystem, hooks: TransportHooks): Promise<void> {
    const owner = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
    const calls = new NativeCalls(fs, hooks, owner)
    // Before libfuse looks for it: it installs a handler of its own where there is none.
    process.on(SIGNAL, () => this.#signalled(calls))
    try {
      await this.#mount(this.mountpoint, new PathOperations(fs, calls), OPTIONS)
    } catch (error) {
      throw new MountError(
        `Cannot mount on "${this.mountpoint}": ${(error as Error).message}`,
      )
    }
    this.#keepToOurselves()
    this.#watch(hooks)
  }

  /** No program has heard of poll(2) working, so none waits. */
  notifyPoll(): void {}

  notify(): number {
    return -ENODEV
  }

  notifyInBackground(): Promise<number> {
    return Promise.resolve(-ENODEV)
  }

  /** If it was a wrong one that was woken, its neighbour still waits: then look again. */
  #signalled(calls: NativeCalls): void {
    const mount = mountedOn(this.mountpoint)
    if (!mount) return
    const woken = interruptSignalled(calls, mount, this.#systemCalls)
    if (woken > 0) setTimeout(() => this.#signalled(calls), LOOK_AGAIN)
  }

  /** libfuse 2 leaves its /dev/fuse to the programs that are started here; with one of them the mount would outlive us. */
  #keepToOurselves(): void {
    for (const fd of readdirSync('/proc/self/fd').map(Number)) {
      if (isFuseDevice(fd)) this.#host?.descriptors.setCloseOnExec(fd, true)
    }
  }

  #watch(hooks: TransportHooks): void {
    const timer = setInterval(() => {
      if (mountedOn(this.mountpoint)?.type === FILESYSTEM) return
      clearInterval(timer)
      hooks.ended?.(-ENODEV)
    }, LOOK_EVERY)
  }
}

function isFuseDevice(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === '/dev/fuse'
  } catch {
    return false // it was open only to list these
  }
}
