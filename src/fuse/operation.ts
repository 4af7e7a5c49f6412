// What a row of the table in operations.ts says about one opcode.

import type { MaybePromise } from '../include/linux/types.ts'
import type { Reply, Request } from './codec.ts'
import type { Caller, FuseFilesystem } from './filesystem.ts'
import type { InitIn, InitOut } from './negotiate.ts'

/** Requests that are about the conversation itself, not about files. */
export interface Conversation {
  init(init: InitIn): InitOut | number
  /** The caller of `unique` got a signal; -EAGAIN if that request has not come yet. */
  interrupt(unique: number): number
  destroy(): number
}

/** The header of the request being dispatched. Valid until the next one: copy, do not keep. */
export interface Header {
  nodeid: number
  caller: Caller
}

/**
 * A request becomes `In`, a call, and `Out` or a negative error number. Methods are called in
 * the order they stand in. `reply` is the shared buffer that a call which answers at once may use.
 */
export interface Operation<In = unknown, Out = unknown> {
  readonly name: string
  /** Bytes the body has at least; a shorter one is refused. */
  readonly size: number
  /** Bytes the reply's body has at most, if `reply` below does not say otherwise. */
  readonly room: number
  /** Out is a number, so only negative ones are errors. */
  readonly counts?: true
  /** The host expects no reply, or only one that says an error. */
  readonly silent?: true
  /** ENOSYS is an error like any other here; elsewhere it makes the host never ask again. */
  readonly tellsENOSYS?: true

  /** The body, or undefined if it makes no sense. */
  decode(request: Request, reply: Reply): In | undefined
  /** For the trace: what was asked. */
  text?(arg: In): string
  call(
    fs: FuseFilesystem,
    arg: In,
    at: Header,
    conversation: Conversation,
  ): MaybePromise<Out | number>
  /** The call sleeps: leave the shared buffers. */
  detach?(arg: In): void
  /** The largest count that makes sense. */
  most?(arg: In): number
  /** Where the body is, if the call itself has written it; it may be copied to `reply`. */
  reply?(arg: In, out: Out | number, reply: Reply): Reply
  /** Write the body; its size. */
  encode(out: Out, reply: Reply, arg: In): number
  /** The reply is on its way. */
  end?(arg: In): void
}

/** Ties In to Out within a row; the table forgets them. */
export function row<In, Out>(operation: Operation<In, Out>): Operation {
  return operation
}

/** For calls whose success is only that: no body. */
export function nothing(): number {
  return 0
}
