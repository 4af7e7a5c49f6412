// The transport devfuse: the protocol of the host's kernel, spoken over /dev/fuse.

import { ENODEV } from '../include/uapi/errno.ts'
import type { Host } from '../host/host.ts'
import type { FuseFilesystem } from './filesystem.ts'
import { mapsDevice } from './memory_map.ts'
import { mount, type Mounted } from './mount.ts'
import { Session } from './session.ts'
import type { Transport, TransportHooks } from './transport.ts'

export class DevFuse implements Transport {
  readonly name = 'devfuse'
  readonly mountpoint: string
  readonly way: string
  readonly device: string
  readonly #fd: number
  readonly #host: Host | undefined
  #session: Session | undefined

  /** Mount on `folder`; without `host` as far as that goes. Throws MountError. */
  static async mount(folder: string, host: Host | undefined): Promise<DevFuse> {
    return new DevFuse(await mount(folder, host), host)
  }

  private constructor({ fd, mountpoint, way }: Mounted, host: Host | undefined) {
    this.mountpoint = mountpoint
    this.way = way
    this.device = mapsDevice(mountpoint)
    this.#fd = fd
    this.#host = host
  }

  start(fs: FuseFilesystem, hooks: TransportHooks): void {
    this.#session = new Session(this.#fd, fs, hooks, this.#host)
    this.#session.start()
  }

  notifyPoll(kh: bigint): void {
    this.#session?.notifyPoll(kh)
  }

  notify(message: Uint8Array): number {
    return this.#session?.notify(message) ?? -ENODEV
  }

  notifyInBackground(message: Uint8Array): Promise<number> {
    return this.#session?.notifyInBackground(message) ?? Promise.resolve(-ENODEV)
  }
}
