// The supervisor's end of src/syscall/forward.ts: makes calls in the machine as the programs that it
// has taken them from.

import { constants, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../host/host.ts'
import type { Watch } from '../host/readiness.ts'
import { EAGAIN, ENOTCONN } from '../include/uapi/errno.ts'
import {
  ANSWER_SIZE,
  decodeAnswer,
  decodeOutcome,
  encodeForward,
  FORWARD,
  FORWARD_SIZE,
  FORWARDED,
  type GivenFile,
  type NoAnswer,
} from '../syscall/forward.ts'

/** The call's answer comes later. */
export const LATER = 'sleeps'

/** Answers read at once. */
const ANSWERS = 64

export interface ForwarderEvents {
  /** The answer to a call that slept. */
  answered(id: bigint, ret: number): void
  /** Before the answer: the driver has made a descriptor for the caller. */
  given(id: bigint, file: GivenFile): void
}

export class Forwarder {
  readonly #host: Host
  readonly #fd: number
  readonly #connection: number
  readonly #mountpoint: string
  readonly #events: ForwarderEvents
  readonly #sleeping = new Set<bigint>()
  readonly #watch: Watch
  readonly #record = new Uint8Array(FORWARD_SIZE)
  readonly #view = new DataView(this.#record.buffer)
  readonly #answers = Buffer.alloc(ANSWERS * ANSWER_SIZE)

  /**
   * Connect to the machine at `mountpoint`. With `last` it stops when this process ends.
   */
  constructor(host: Host, mountpoint: string, last: boolean, events: ForwarderEvents) {
    this.#host = host
    this.#mountpoint = mountpoint
    this.#events = events
    this.#fd = openSync(join(mountpoint, 'dev', 'modbox'), constants.O_RDWR)
    writeSync(this.#fd, `${JSON.stringify({ call: 'supervise', last })}\n`)
    this.#connection = this.#readNumber()
    this.#watch = host.readiness.readable(this.#fd, () => this.#readAnswers())
  }

  /** Make a call that is about no open file. */
  call(call: keyof typeof FORWARDED, id: bigint, pid: number, args: readonly bigint[]) {
    return this.callOn(this.#fd, call, id, pid, args)
  }

  /** Make a call on the file that is open here as `fd`: its answer, or LATER. */
  callOn(
    fd: number,
    call: keyof typeof FORWARDED,
    id: bigint,
    pid: number,
    args: readonly bigint[],
  ): number | NoAnswer {
    const connection = this.#connection
    encodeForward({ call: FORWARDED[call], id, pid, connection, args }, this.#view)
    const ret = this.#host.descriptors.ioctl(fd, FORWARD, this.#record)
    const answer = decodeOutcome(this.#view, ret)
    if (answer === LATER) this.#sleeping.add(id)
    return answer
  }

  /** finit_module(2) of what a file holds, or of a file that gave an error. */
  finit_module(
    id: bigint,
    pid: number,
    image: Uint8Array | number,
    params: bigint,
    flags: bigint,
  ): number | NoAnswer {
    const [address, length] = typeof image === 'number' ? [0n, image] : this.#bytes(image)
    return this.call('finit_module', id, pid, [address, BigInt(length), params, flags])
  }

  /** mknod(2) of `name` in the folder that is open here. */
  mknod(
    id: bigint,
    pid: number,
    folder: number,
    name: string,
    mode: bigint,
    device: bigint,
  ): number | NoAnswer {
    const bytes = Buffer.from(`${name}\0`)
    const [address] = this.#bytes(bytes)
    return this.callOn(folder, 'mknod', id, pid, [address, mode, device])
  }

  /** The caller of a sleeping call has got a signal. */
  signal(id: bigint): void {
    this.call('signal', id, 0, [])
  }

  /** Open what a driver has made for a caller, or -ENOTCONN if the machine has gone. */
  openGiven({ path, flags }: GivenFile): number {
    try {
      return openSync(join(this.#mountpoint, path), flags)
    } catch {
      return -ENOTCONN
    }
  }

  #bytes(bytes: Uint8Array): [address: bigint, length: number] {
    const address = bytes.length === 0 ? 0n : this.#host.koffi.address(bytes)
    return [address, bytes.length]
  }

  #readNumber(): number {
    const n = readSync(this.#fd, this.#answers)
    const { ret }: { ret: number } = JSON.parse(this.#answers.toString('utf8', 0, n))
    if (ret < 0) throw new Error(`Cannot supervise programs: error ${-ret}`)
    return ret
  }

  #readAnswers(): void {
    const bytes = this.#answers
    const n = this.#host.descriptors.read(this.#fd, bytes, bytes.length)
    if (n < 0 && n !== -EAGAIN) return this.#machineHasGone()
    for (let at = 0; at + ANSWER_SIZE <= n; at += ANSWER_SIZE) {
      const { id, ret, given } = decodeAnswer(bytes, at)
      if (given) {
        this.#events.given(id, given)
        continue
      }
      this.#sleeping.delete(id)
      this.#events.answered(id, ret)
    }
  }

  /** From now on every call gives the host's error for a file that nobody serves. */
  #machineHasGone(): void {
    this.#watch.close()
    for (const id of this.#sleeping) this.#events.answered(id, -ENOTCONN)
    this.#sleeping.clear()
  }
}
