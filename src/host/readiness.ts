// Being called when a descriptor can be read: node's own event loop watches it.

import type { Koffi } from './koffi.ts'

/** Keep it: the watch ends when it is closed. */
export interface Watch {
  close(): void
}

export class Readiness {
  readonly #koffi: Koffi

  constructor(koffi: Koffi) {
    this.#koffi = koffi
  }

  /**
   * Call `ready` whenever `fd` can be read, until the watch is closed. Unlike with node's own
   * callbacks, promises that `ready` settles are not looked after when it returns.
   */
  readable(fd: number, ready: () => void): Watch {
    return this.#koffi.node.poll(fd, { readable: true }, ready)
  }
}
