// Calls that fuse-native makes of a FuseFilesystem: who makes them, how they sleep, what they answer.
//
// libfuse has a thread for each, which waits for its answer. Of the caller it tells nothing: the mount
// is its owner's alone, so that is who calls, with process id 0.

import { EIO } from '../include/uapi/errno.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { isPromise } from '../lib/is_promise.ts'
import type { Caller, FuseFilesystem } from './filesystem.ts'
import { replyError } from './reply_error.ts'
import type { FileCall } from './system_call.ts'
import type { TransportHooks } from './transport.ts'

/** Calls in which a driver may sleep. From those that are no FileCall no signal wakes it. */
export type Kind = FileCall | 'release' | 'getattr'

/** A call that sleeps in a driver. */
export interface Sleeper {
  readonly kind: Kind
  readonly path: string
  /** It was told of a signal already. */
  interrupted: boolean
}

export class NativeCalls {
  readonly #fs: Pick<FuseFilesystem, 'interrupt'>
  readonly #hooks: TransportHooks
  readonly #owner: { uid: number; gid: number }
  readonly #sleepers = new Map<number, Sleeper>()
  #unique = 0

  /** `owner`: whose mount it is. */
  constructor(
    fs: Pick<FuseFilesystem, 'interrupt'>,
    hooks: TransportHooks,
    owner: { uid: number; gid: number },
  ) {
    this.#fs = fs
    this.#hooks = hooks
    this.#owner = owner
  }

  /** By their numbers, the oldest first. */
  get sleepers(): ReadonlyMap<number, Sleeper> {
    return this.#sleepers
  }

  /** The caller of `sleeper`, thread `pid` it seems, got a signal. */
  interrupt(unique: number, sleeper: Sleeper, pid: number): void {
    sleeper.interrupted = true
    this.#fs.interrupt(unique, pid)
    this.#hooks.afterBatch()
  }

  /** A call that answers at once. */
  now<T>(call: (caller: Caller) => T): T | number {
    try {
      return call(this.#caller())
    } catch (error) {
      this.#hooks.onPanic(error)
      return -EIO
    }
  }

  /** A call that may sleep; `answer` gets what it answers. */
  make<T>(
    kind: Kind,
    path: string,
    call: (caller: Caller) => MaybePromise<T>,
    answer: (out: T | number) => void,
  ): void {
    const out = this.now(call)
    if (isPromise(out)) this.#sleep(kind, path, out, answer)
    else answer(out)
    this.#hooks.afterBatch()
  }

  /** 0, or an error that programs know. */
  status(name: string, value: unknown): number {
    return value === 0 ? 0 : this.#error(name, value, false)
  }

  /** How many of `most` bytes were moved, or an error that programs know. */
  count(name: string, value: unknown, most: number): number {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      return this.#error(name, value, true)
    if (value <= most) return value
    this.#hooks.onBadReply(`${name} returned ${value}, but was asked for ${most} bytes`)
    return most
  }

  #error(name: string, value: unknown, tellsENOSYS: boolean): number {
    return replyError(value, tellsENOSYS, what =>
      this.#hooks.onBadReply(`${name} ${what}`),
    )
  }

  #caller(): Caller {
    return { ...this.#owner, pid: 0, unique: ++this.#unique }
  }

  #sleep<T>(
    kind: Kind,
    path: string,
    out: Promise<T>,
    answer: (out: T | number) => void,
  ): void {
    const unique = this.#unique
    this.#sleepers.set(unique, { kind, path, interrupted: false })
    const wake = (value: T | number) => {
      this.#sleepers.delete(unique)
      answer(value)
    }
    out.then(wake, (error: unknown) => {
      this.#hooks.onPanic(error)
      wake(-EIO)
    })
    this.#hooks.drain()
  }
}
