// The calls that arrive at a supervisor, and its answers. Linux: struct seccomp_notif and struct
// seccomp_notif_resp in include/uapi/linux/seccomp.h.

import type { Host } from '../host/host.ts'
import type { Watch } from '../host/readiness.ts'
import { SECCOMP_NOTIF_RESP_SIZE, SECCOMP_NOTIF_SIZE } from '../host/seccomp.ts'

/** Let the call go on to the host's kernel. */
const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1

/** A system call that waits for an answer. */
export interface Call {
  readonly id: bigint
  /** The thread that makes it. */
  readonly pid: number
  readonly nr: number
  readonly args: readonly bigint[]
}

/** Of a call that takes a folder: the one that its caller is in. */
export const AT_FDCWD = -100

/** The low half of a register, as a C `int`. */
export function int(arg = 0n): number {
  return Number(BigInt.asIntN(32, arg))
}

/** The call is none of ours: the host's kernel is to make it. */
export const CONTINUE = 'goesOn'

export interface ListenerEvents {
  /** Answer it now or later. */
  call(call: Call): void
  /** No process is left that could make one. */
  ended(): void
}

export class Listener {
  readonly #host: Host
  readonly #fd: number
  readonly #events: ListenerEvents
  readonly #watch: Watch
  readonly #notif = new Uint8Array(SECCOMP_NOTIF_SIZE)
  readonly #notifView = new DataView(this.#notif.buffer)
  readonly #response = new Uint8Array(SECCOMP_NOTIF_RESP_SIZE)
  readonly #responseView = new DataView(this.#response.buffer)

  /** Takes `fd` over. */
  constructor(host: Host, fd: number, events: ListenerEvents) {
    this.#host = host
    this.#fd = fd
    this.#events = events
    host.seccomp.wakeSynchronously(fd)
    this.#watch = host.readiness.readable(fd, () => this.#receive())
  }

  /** -ENOENT, which nobody need look at, if the caller has gone. */
  answer(id: bigint, answer: number | typeof CONTINUE): void {
    const goesOn = answer === CONTINUE
    const failed = !goesOn && answer < 0
    this.#responseView.setBigUint64(0, id, true)
    this.#responseView.setBigInt64(8, goesOn || failed ? 0n : BigInt(answer), true)
    this.#responseView.setInt32(16, failed ? answer : 0, true)
    this.#responseView.setUint32(20, goesOn ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0, true)
    this.#host.seccomp.respond(this.#fd, this.#response)
  }

  /** Give the caller a descriptor for the file that is `fd` here: which one, or -errno. */
  addfd(id: bigint, fd: number, flags: number): number {
    return this.#host.seccomp.addfd(this.#fd, id, fd, flags)
  }

  /** Does somebody still wait for the answer? Numbers of processes come again, ids do not. */
  isWaiting(id: bigint): boolean {
    return this.#host.seccomp.isValid(this.#fd, id)
  }

  #receive(): void {
    for (;;) {
      const pending = this.#host.seccomp.pending(this.#fd)
      if (pending === 'ended') {
        this.#watch.close()
        return this.#events.ended()
      }
      if (!pending) return
      const err = this.#host.seccomp.receive(this.#fd, this.#notif)
      if (err === 0) this.#events.call(this.#decode())
    }
  }

  #decode(): Call {
    const view = this.#notifView
    const arg = (i: number) => view.getBigUint64(32 + 8 * i, true)
    return {
      id: view.getBigUint64(0, true),
      pid: view.getUint32(8, true),
      nr: view.getInt32(16, true),
      args: [arg(0), arg(1), arg(2), arg(3), arg(4), arg(5)],
    }
  }
}
