// The descriptors of one mount. Linux: struct fuse_dev and struct fuse_pqueue in fs/fuse.
//
// The host keeps the requests that were read from a descriptor and have no answer yet in a table of few
// lists, and looks there for the one that a reply belongs to: with thousands that sleep, every reply would
// cost more. So they are spread over several descriptors: once so many sleep in one that its lists
// fill, requests are read from another. All share what is still to be read.

import { closeSync, constants, openSync } from 'node:fs'
import type { Host } from '../host/host.ts'
import { FUSE_DEV_IOC_CLONE } from '../include/uapi/fuse.ts'
import type { Send } from './dispatcher.ts'
import { FUSE_DEVICE } from './mount.ts'

/** The lists of a descriptor: 1 << FUSE_PQ_HASH_BITS. With so many requests there is one in each. */
const FULL = 256

/** A descriptor, and the requests read from it: only there they can be answered. */
export interface ProcessingQueue {
  readonly fd: number
  /** Of its requests those that sleep. */
  sleeping: number
  /** Answer one that slept. */
  readonly answer: Send
}

export class ProcessingQueues {
  /** It stays as long as the mount. */
  readonly first: ProcessingQueue
  /** Where requests are read from now. */
  current: ProcessingQueue
  readonly #all = new Set<ProcessingQueue>()
  /** undefined: there can be no more of them. */
  #host: Host | undefined
  readonly #send: (fd: number, bytes: Uint8Array, length: number) => void

  /** `fd` is mounted; without `host` it stays the only one. `send` writes an answer to one of them. */
  constructor(
    fd: number,
    host: Host | undefined,
    send: (fd: number, bytes: Uint8Array, length: number) => void,
  ) {
    this.#host = host
    this.#send = send
    this.first = this.#add(fd)
    this.current = this.first
  }

  /** The request that was read last sleeps: where it is. */
  fallAsleep(): ProcessingQueue {
    const queue = this.current
    queue.sleeping++
    if (queue.sleeping >= FULL) this.current = this.#withRoom()
    return queue
  }

  /** Programs that still wait for an answer get ENOTCONN. */
  close(): void {
    for (const { fd } of this.#all) closeSync(fd)
    this.#all.clear()
  }

  #add(fd: number): ProcessingQueue {
    const queue: ProcessingQueue = {
      fd,
      sleeping: 0,
      answer: (bytes, length) => {
        this.#send(fd, bytes, length)
        this.#wakeUp(queue)
      },
    }
    this.#host?.descriptors.setNonblocking(fd)
    this.#all.add(queue)
    return queue
  }

  #wakeUp(queue: ProcessingQueue): void {
    queue.sleeping--
    if (queue.sleeping > 0 || queue === this.current || queue === this.first) return
    if (this.#all.delete(queue)) closeSync(queue.fd)
  }

  /** One in which few sleep. If there can be no more, the emptiest. */
  #withRoom(): ProcessingQueue {
    const emptiest = [...this.#all].reduce((a, b) => (b.sleeping < a.sleeping ? b : a))
    if (emptiest.sleeping <= FULL / 2) return emptiest
    const fd = this.#host && clone(this.first.fd, this.#host)
    if (fd !== undefined) return this.#add(fd)
    this.#host = undefined
    return emptiest
  }
}

/** Another descriptor of the mount that `fd` is of; undefined if the host gives none. */
function clone(fd: number, { descriptors }: Host): number | undefined {
  let another: number
  try {
    another = openSync(FUSE_DEVICE, constants.O_RDWR)
  } catch {
    return undefined
  }
  const its = new Uint8Array(Uint32Array.of(fd).buffer)
  if (descriptors.ioctl(another, FUSE_DEV_IOC_CLONE, its) === 0) return another
  closeSync(another)
  return undefined
}
