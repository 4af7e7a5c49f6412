// One mount: reads requests from its descriptors, has them dispatched, writes the replies.

import { write } from 'node:fs'
import type { Host } from '../host/host.ts'
import { EINVAL, EIO, ENODEV, ENOENT } from '../include/uapi/errno.ts'
import { FUSE_NOTIFY_POLL, FUSE_OUT_HEADER_SIZE } from '../include/uapi/fuse.ts'
import { PooledChannel, WatchedChannel } from './channel.ts'
import type { Channel, Listener } from './channel.ts'
import { Reply } from './codec.ts'
import { Dispatcher } from './dispatcher.ts'
import type { FuseFilesystem } from './filesystem.ts'
import { operations } from './operations.ts'
import { ProcessingQueues } from './processing_queues.ts'
import { openTrace } from './trace.ts'
import type { TransportHooks } from './transport.ts'

export class Session implements Listener {
  readonly #queues: ProcessingQueues
  readonly #hooks: TransportHooks
  readonly #channel: Channel
  readonly #dispatcher: Dispatcher
  readonly #notice = Reply.of(8)
  readonly #noticeView: DataView
  #open = true

  /** Takes over `fd`, a mounted /dev/fuse, and closes it in the end. */
  constructor(
    fd: number,
    fs: FuseFilesystem,
    hooks: TransportHooks,
    host: Host | undefined,
  ) {
    this.#queues = new ProcessingQueues(fd, host, (of, bytes, length) =>
      this.#send(of, bytes, length),
    )
    this.#hooks = hooks
    this.#channel = host ? new WatchedChannel(this.#queues, host) : new PooledChannel(fd)
    this.#noticeView = new DataView(this.#notice.bytes.buffer)
    const names = operations.flatMap(row => (row ? [row.name] : []))
    this.#dispatcher = new Dispatcher(
      fs,
      hooks,
      {
        send: (bytes, length) => this.#send(this.#queues.current.fd, bytes, length),
        later: () => this.#queues.fallAsleep().answer,
      },
      openTrace(names),
      host && ((size, payload) => host.pages.alignedAt(size, payload)),
    )
  }

  /** Requests that wait for their answers. */
  get waiting(): number {
    return this.#dispatcher.waiting
  }

  start(): void {
    this.#channel.listen(this.#dispatcher.request.bytes, this)
  }

  /**
   * Stop serving and close the descriptor. Programs that still wait for an answer get
   * ENOTCONN, so unmount first and let the host end the session if there is time.
   */
  stop(): void {
    this.ended(-ENODEV)
  }

  /** Ask the host to poll the file with this handle again. */
  notifyPoll(kh: bigint): void {
    if (!this.#open) return
    const length = FUSE_OUT_HEADER_SIZE + 8
    this.#notice.header(length, FUSE_NOTIFY_POLL, 0, 0)
    this.#noticeView.setBigUint64(FUSE_OUT_HEADER_SIZE, kh, true)
    // -ENOENT: nobody polls that file any more.
    this.#channel.send(this.#queues.first.fd, this.#notice.bytes, length)
  }

  /** Tell the host something unasked: bytes written, or -errno. */
  notify(message: Uint8Array): number {
    if (!this.#open) return -ENODEV
    return this.#channel.send(this.#queues.first.fd, message, message.length)
  }

  /** As notify(), on another thread: the host may have to wait for a reply of ours before it takes it. */
  notifyInBackground(message: Uint8Array): Promise<number> {
    if (!this.#open) return Promise.resolve(-ENODEV)
    return new Promise(resolve =>
      write(this.#queues.first.fd, message, (error, n) => resolve(error ? -EIO : n)),
    )
  }

  request(length: number): void {
    this.#dispatcher.handle(length)
  }

  batchDone(): void {
    this.#hooks.afterBatch()
  }

  ended(error: number): void {
    if (!this.#open) return
    this.#open = false
    this.#channel.close()
    this.#queues.close()
    this.#dispatcher.destroy()
    this.#hooks.ended?.(error)
  }

  #send(fd: number, bytes: Uint8Array, length: number): void {
    if (!this.#open) return
    const n = this.#channel.send(fd, bytes, length)
    // ENOENT: the request was given up, for instance because the connection was aborted.
    if (n === length || n === -ENOENT || n === -ENODEV) return

    this.#hooks.onBadReply(`The host refused a reply of ${length} bytes: error ${n}`)
    if (n === -EINVAL && length > FUSE_OUT_HEADER_SIZE) this.#sendError(fd, bytes)
  }

  /** The program must get an answer, if not this one. */
  #sendError(fd: number, refused: Uint8Array): void {
    const words = new Uint32Array(refused.buffer, refused.byteOffset, 4)
    const reply = Reply.of(0)
    reply.header(FUSE_OUT_HEADER_SIZE, -EIO, words[2] as number, words[3] as number)
    this.#channel.send(fd, reply.bytes, FUSE_OUT_HEADER_SIZE)
  }
}
