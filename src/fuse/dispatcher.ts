// A request in bytes becomes a call, its result a reply in bytes. Knows no descriptor: session.ts
// fills `request` and takes the replies.
//
// A call that answers at once reads and writes the two shared buffers. One that gives a promise
// has to leave them, but only if it really sleeps: hooks.drain() lets an async function
// that has nothing to wait for finish first. Meanwhile those who have slept may answer, so they
// share a third.

import { EAGAIN, EINVAL, EIO, ENOSYS } from '../include/uapi/errno.ts'
import {
  FUSE_IN_HEADER_SIZE,
  FUSE_OUT_HEADER_SIZE,
  FUSE_WRITE_IN_SIZE,
} from '../include/uapi/fuse.ts'
import { isPromise } from '../lib/is_promise.ts'
import { Reply, Request } from './codec.ts'
import type { FuseFilesystem } from './filesystem.ts'
import { MAX_WRITE, negotiate } from './negotiate.ts'
import type { InitIn, InitOut } from './negotiate.ts'
import type { Conversation, Header, Operation } from './operation.ts'
import { operations } from './operations.ts'
import { replyError } from './reply_error.ts'
import type { Trace } from './trace.ts'
import type { TransportHooks } from './transport.ts'

/** Room for the largest request: 1 MiB of WRITE and what stands before it. */
const REQUEST_SIZE = MAX_WRITE + 4096
/** Bytes of a body for those who have slept. Any fits but that of a large read(2) or a directory. */
const LATE_ROOM = 4096
const HIGH = 2 ** 32

/** What the dispatcher needs from its owner. */
export type DispatcherHooks = Pick<TransportHooks, 'drain' | 'onPanic' | 'onBadReply'>

/** Who gets the bytes of a reply: the first `length` of `bytes`. */
export type Send = (bytes: Uint8Array, length: number) => void

/** Where replies go. */
export interface Replies {
  /** To the request that is handled. */
  readonly send: Send
  /** It sleeps: who gets its reply, once there is one. */
  later(): Send
}

/**
 * `size` bytes of which those from `payload` on are best aligned to pages: the host then copies
 * page by page, where it would otherwise need two steps for each.
 */
export type PayloadMemory = (size: number, payload: number) => Uint8Array

export class Dispatcher implements Conversation {
  readonly request: Request
  readonly #reply: Reply
  readonly #lateReply = Reply.of(LATE_ROOM)
  readonly #fs: FuseFilesystem
  readonly #hooks: DispatcherHooks
  readonly #replies: Replies
  readonly #trace: Trace | undefined
  readonly #at: Header = { nodeid: 0, caller: { uid: 0, gid: 0, pid: 0, unique: 0 } }
  #waiting = 0
  #newest = 0
  #destroyed = false

  /** `allocate` provides the shared buffers; see PayloadMemory. */
  constructor(
    fs: FuseFilesystem,
    hooks: DispatcherHooks,
    replies: Replies,
    trace?: Trace,
    allocate: PayloadMemory = size => new Uint8Array(size),
  ) {
    this.#fs = fs
    this.#hooks = hooks
    this.#replies = replies
    this.#trace = trace
    const payload = FUSE_IN_HEADER_SIZE + FUSE_WRITE_IN_SIZE
    this.request = new Request(allocate(REQUEST_SIZE, payload))
    this.#reply = new Reply(
      allocate(FUSE_OUT_HEADER_SIZE + MAX_WRITE, FUSE_OUT_HEADER_SIZE),
    )
  }

  /** How many requests wait for their answers. */
  get waiting(): number {
    return this.#waiting
  }

  /** Dispatch the request whose `length` bytes are in `request` now. */
  handle(length: number): void {
    const request = this.request
    request.length = length
    const words = request.words
    const row = operations[words[1] as number]
    const at = this.#readHeader(words)
    if (row === undefined) return this.#refuse(undefined, -ENOSYS)
    if (length < FUSE_IN_HEADER_SIZE + row.size) return this.#refuse(row, -EINVAL)

    let arg: unknown
    let out: unknown
    try {
      arg = row.decode(request, this.#reply)
      if (arg === undefined) return this.#refuse(row, -EINVAL)
      if (this.#trace !== undefined) this.#trace.request(row, arg, at)
      out = row.call(this.#fs, arg, at, this)
    } catch (error) {
      this.#hooks.onPanic(error)
      out = -EIO
    }
    const low = words[2] as number
    const high = words[3] as number
    if (isPromise(out)) {
      this.#sleep(row, arg, out, low, high)
    } else this.#answer(row, arg, out, low, high, undefined)
  }

  /** The host has gone: nobody waits for an answer any more. */
  destroy(): number {
    if (this.#destroyed) return 0
    this.#destroyed = true
    this.#fs.destroy()
    return 0
  }

  init(init: InitIn): InitOut | number {
    return negotiate(init)
  }

  interrupt(unique: number): number {
    this.#fs.interrupt(unique)
    // One answered already needs nothing; one still to come has to be interrupted later.
    return unique > this.#newest ? -EAGAIN : 0
  }

  #readHeader(words: Uint32Array): Header {
    const at = this.#at
    at.nodeid = (words[4] as number) + (words[5] as number) * HIGH
    const uid = words[6] as number
    const gid = words[7] as number
    const pid = words[8] as number
    const unique = (words[2] as number) + (words[3] as number) * HIGH
    at.caller = { uid, gid, pid, unique }
    // Bit 0 marks the INTERRUPT of a request, whose own number is even.
    if (unique > this.#newest && unique % 2 === 0) this.#newest = unique
    return at
  }

  #refuse(row: Operation | undefined, error: number): void {
    const words = this.request.words
    const name = row?.name ?? `opcode ${words[1]}`
    this.#trace?.refused(name, this.#at.caller.unique, error)
    if (row?.silent) return
    const low = words[2] as number
    const high = words[3] as number
    this.#finish(this.#replies.send, this.#reply, error, 0, low, high)
  }

  #sleep(
    row: Operation,
    arg: unknown,
    out: Promise<unknown>,
    low: number,
    high: number,
  ): void {
    let settled = false as boolean
    // From then on the shared buffers belong to others.
    let later: Send | undefined
    const wake = (value: unknown): void => {
      settled = true
      if (later) this.#waiting--
      this.#answer(row, arg, value, low, high, later)
    }
    out.then(wake, (error: unknown) => {
      this.#hooks.onPanic(error)
      wake(-EIO)
    })
    this.#hooks.drain()
    if (settled) return

    row.detach?.(arg)
    later = this.#replies.later()
    this.#waiting++
  }

  #answer(
    row: Operation,
    arg: unknown,
    out: unknown,
    low: number,
    high: number,
    later: Send | undefined,
  ): void {
    let reply = later ? this.#lateReply : this.#reply
    let error = 0
    let size = 0
    try {
      const value = row.most === undefined ? out : this.#clamp(row, arg, out)
      if (typeof value !== 'object' && !succeeded(row, value)) {
        error = this.#error(row, value)
      } else {
        if (row.reply !== undefined) reply = row.reply(arg, value, reply)
        size = row.encode(value, reply, arg)
      }
    } catch (thrown) {
      this.#hooks.onPanic(thrown)
      error = -EIO
    }
    row.end?.(arg)
    if (this.#trace !== undefined) {
      this.#trace.reply(row.name, low + high * HIGH, error, size)
    }
    if (row.silent && error === 0) return
    this.#finish(later ?? this.#replies.send, reply, error, size, low, high)
  }

  #finish(
    send: Send,
    reply: Reply,
    error: number,
    size: number,
    low: number,
    high: number,
  ): void {
    const length = FUSE_OUT_HEADER_SIZE + size
    reply.header(length, error, low, high)
    send(reply.bytes, length)
  }

  /** The host refuses replies longer than it asked for. */
  #clamp(row: Operation, arg: unknown, out: unknown): unknown {
    const most = row.most?.(arg) ?? 0
    if (typeof out !== 'number' || !(out > most)) return out

    this.#hooks.onBadReply(`${row.name} returned ${out}, but was asked for ${most} bytes`)
    return most
  }

  #error(row: Operation, value: unknown): number {
    return replyError(value, row.tellsENOSYS === true, what =>
      this.#hooks.onBadReply(`${row.name} ${what}`),
    )
  }
}

/** Is `value`, which is no object, an answer rather than an error? */
function succeeded(row: Operation, value: unknown): boolean {
  if (typeof value === 'string') return true
  if (typeof value !== 'number' || !Number.isInteger(value)) return false
  return row.counts === true ? value >= 0 : value === 0 && row.room === 0
}
