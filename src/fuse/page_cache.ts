// The host's copies of a file's pages, which programs have mapped: to fill, to look at, to keep.
//
// A page that the host is about to read is locked until we have answered, and to store into it is to
// wait for that. So stores are written on node's thread pool, while this thread goes on answering.

import {
  FUSE_NOTIFY_INVAL_INODE,
  FUSE_NOTIFY_RETRIEVE,
  FUSE_NOTIFY_STORE,
  FUSE_OUT_HEADER_SIZE,
} from '../include/uapi/fuse.ts'

/** A device's size for the host, which lets nobody touch pages behind the end of a file: 4 PiB. */
export const MAPPABLE_SIZE = 2 ** 52

/** What the connection does with a notice. */
export interface Notices {
  /** The number of bytes, or -errno. */
  notify: (message: Uint8Array) => number
  notifyInBackground: (message: Uint8Array) => Promise<number>
}

/** Who has asked the host for pages. */
interface Asker {
  readonly take: (bytes: Uint8Array) => void
  readonly goOn: () => void
}

export class PageCache {
  readonly #notices: Notices
  readonly #askers = new Map<number, Asker>()
  /** Odd, as the host's own requests are not. */
  #next = 1

  constructor(notices: Notices) {
    this.#notices = notices
  }

  /** From now on programs may touch any page of `nodeid`. Only while the host has none of it locked. */
  makeMappable(nodeid: number): void {
    this.#notices.notify(storing(nodeid, MAPPABLE_SIZE - 1, new Uint8Array(1)))
  }

  /**
   * The size that the answer to the present request tells is for its caller alone: the host ignores
   * attributes that are older than the last notice.
   */
  keepSize(nodeid: number): void {
    const message = notice(FUSE_NOTIFY_INVAL_INODE, 24)
    message.u64(0, BigInt(nodeid))
    message.u64(8, -1n) // none of its pages
    this.#notices.notify(message.bytes)
  }

  /** Change bytes of what programs have mapped. */
  async store(nodeid: number, offset: number, bytes: Uint8Array): Promise<void> {
    await this.#notices.notifyInBackground(storing(nodeid, offset, bytes))
  }

  /**
   * What programs have mapped now, up to the first page that the host does not have. `take` gets it before
   * anything that the host sends later, or a page that it hands back would be followed by what it was before.
   */
  retrieve(
    nodeid: number,
    offset: number,
    size: number,
    take: (bytes: Uint8Array) => void,
  ): Promise<void> {
    const unique = this.#next
    this.#next += 2
    const message = notice(FUSE_NOTIFY_RETRIEVE, 32)
    message.u64(0, BigInt(unique))
    message.u64(8, BigInt(nodeid))
    message.u64(16, BigInt(offset))
    message.u64(24, BigInt(size))
    return new Promise(goOn => {
      this.#askers.set(unique, { take, goOn })
      if (this.#notices.notify(message.bytes) < 0) this.#nothing(unique)
    })
  }

  /** The host's answer to retrieve(); who has asked goes on when what this gives is called. */
  retrieved(unique: number, bytes: Uint8Array): (() => void) | undefined {
    const asker = this.#askers.get(unique)
    this.#askers.delete(unique)
    asker?.take(bytes)
    return asker?.goOn
  }

  /** There will be no more answers. */
  destroy(): void {
    for (const unique of this.#askers.keys()) this.#nothing(unique)
  }

  #nothing(unique: number): void {
    this.retrieved(unique, new Uint8Array())?.()
  }
}

interface Notice {
  readonly bytes: Uint8Array
  /** Set a field, `offset` bytes into the body. */
  u64(offset: number, value: bigint): void
}

function notice(code: number, size: number): Notice {
  const bytes = new Uint8Array(FUSE_OUT_HEADER_SIZE + size)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, bytes.length, true)
  view.setInt32(4, code, true)
  return {
    bytes,
    u64: (offset, value) => view.setBigInt64(FUSE_OUT_HEADER_SIZE + offset, value, true),
  }
}

/** struct fuse_notify_store_out, and the bytes. */
function storing(nodeid: number, offset: number, bytes: Uint8Array): Uint8Array {
  const message = notice(FUSE_NOTIFY_STORE, 24 + bytes.length)
  message.u64(0, BigInt(nodeid))
  message.u64(8, BigInt(offset))
  message.u64(16, BigInt(bytes.length))
  message.bytes.set(bytes, FUSE_OUT_HEADER_SIZE + 24)
  return message.bytes
}
