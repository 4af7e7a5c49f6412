// Requests in, replies out, over the /dev/fuse descriptors of a mount. Two ways: watched by the event loop
// and read in place (fast), or read on node's thread pool where libc cannot be called.

import { read as readInPool, writeSync } from 'node:fs'
import type { Host } from '../host/host.ts'
import type { Watch } from '../host/readiness.ts'
import { EAGAIN, EINTR, EIO, ENOENT } from '../include/uapi/errno.ts'
import type { ProcessingQueues } from './processing_queues.ts'

/** Who listens on a channel. */
export interface Listener {
  /** `length` bytes of one request are in the buffer. */
  request(length: number): void
  /** Nothing more to read for now. */
  batchDone(): void
  /** The descriptor is of no more use: `error` is -ENODEV after an unmount. */
  ended(error: number): void
}

export interface Channel {
  /** Read each request into `buffer`, one at a time. */
  listen(buffer: Uint8Array, listener: Listener): void
  /** Write one message; its length, or -errno. */
  send(fd: number, bytes: Uint8Array, length: number): number
  /** Stop reading. The descriptors stay open. */
  close(): void
}

/** Requests handled before timers and other events get their turn. */
const BATCH = 64
/** How often to find out whether several programs are at work. */
const LOOK_AGAIN = 16

/** The descriptors are non-blocking, and the event loop tells when there is something to read: from any of them. */
export class WatchedChannel implements Channel {
  readonly #queues: ProcessingQueues
  readonly #host: Host
  #watch: Watch | undefined
  #busy = false
  #turn = 0

  constructor(queues: ProcessingQueues, host: Host) {
    this.#queues = queues
    this.#host = host
  }

  listen(buffer: Uint8Array, listener: Listener): void {
    this.#watch = this.#host.readiness.readable(this.#queues.first.fd, () =>
      this.#readBatch(buffer, listener),
    )
  }

  send(fd: number, bytes: Uint8Array, length: number): number {
    return this.#host.descriptors.write(fd, bytes, length)
  }

  close(): void {
    this.#watch?.close()
    this.#watch = undefined
  }

  /**
   * A lone program waits for its answer before it asks again, so a second read would find
   * nothing: it is only tried when several programs have been seen at once lately.
   */
  #readBatch(buffer: Uint8Array, listener: Listener): void {
    const descriptors = this.#host.descriptors
    this.#turn = (this.#turn + 1) % LOOK_AGAIN
    const most = this.#busy || this.#turn === 0 ? BATCH : 1
    let handled = 0
    while (handled < most && this.#watch !== undefined) {
      const n = descriptors.read(this.#queues.current.fd, buffer, buffer.length)
      if (n > 0) {
        listener.request(n)
        handled++
      } else if (n === -EAGAIN) break
      else if (n !== -EINTR && n !== -ENOENT) return listener.ended(n)
    }
    if (most > 1) this.#busy = handled > 1
    listener.batchDone()
  }
}

/** One read waits on a thread of node's pool at any time. */
export class PooledChannel implements Channel {
  readonly #fd: number
  #open = true

  constructor(fd: number) {
    this.#fd = fd
  }

  listen(buffer: Uint8Array, listener: Listener): void {
    if (!this.#open) return
    readInPool(this.#fd, buffer, 0, buffer.length, null, (error, n) => {
      if (!this.#open) return
      const code = error === null ? 0 : errnoOf(error)
      if (code !== 0 && code !== EINTR && code !== ENOENT && code !== EAGAIN) {
        return listener.ended(-code)
      }
      if (code === 0) listener.request(n)
      listener.batchDone()
      this.listen(buffer, listener)
    })
  }

  send(fd: number, bytes: Uint8Array, length: number): number {
    try {
      return writeSync(fd, bytes, 0, length)
    } catch (error) {
      return -errnoOf(error)
    }
  }

  close(): void {
    this.#open = false
  }
}

function errnoOf(error: unknown): number {
  const errno = (error as NodeJS.ErrnoException).errno
  return errno === undefined ? EIO : Math.abs(errno)
}
