// A running machine, from the outside: its files and its system calls. What the tools use.
//
// Calls go by dev/modbox in the machine's mount (protocol.ts), made synchronously: a tool
// is another process than the daemon, and has nothing else to do while it waits.

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadStep } from '../lib/load_step.ts'
import type { InitModule, MachineStatus, Reply, Request } from './protocol.ts'
import { doorOf } from './door.ts'
import { findMachine } from './locate.ts'
import { MachineError } from './machine_error.ts'
import { isStopped } from './registry.ts'

/** The answer to one call. `payload` is the text of a syslog call. */
export interface Answer {
  reply: Reply
  payload: Buffer
}

/** Carries one request to a machine and its answer back. */
export type Transport = (request: Request, payload: Uint8Array) => Answer

/** The machine went away while it was called. */
const GONE = new Set(['ENOTCONN', 'ECONNABORTED', 'ENODEV'])

const CHUNK = 1 << 20
const NEWLINE = 0x0a

/** Results are those of the system call: negative numbers are errors. */
export class Machine {
  /** The folder in which dev, proc and sys are. */
  readonly root: string
  /** The daemon, if it is known. */
  readonly pid: number | undefined
  readonly #call: Transport

  constructor(root: string, pid?: number, call: Transport = overDevice(root)) {
    this.root = root
    this.pid = pid
    this.#call = call
  }

  /**
   * The machine at `option`; without it the one at $MODBOX_MNT, else at ./mnt, else the only
   * one that runs. Throws a MachineError. Touches no mount whose daemon is dead or
   * stopped, for that would never end.
   */
  static find(option?: string): Machine {
    const found = findMachine(option)
    if (typeof found === 'string') throw new MachineError(found)
    if (isStopped(found.pid)) {
      const { mountpoint, pid } = found
      throw new MachineError(
        `the machine at ${mountpoint} is stopped (go on: kill -CONT ${pid})`,
      )
    }
    return new Machine(found.mountpoint, found.pid)
  }

  /** The path of one of the machine's files: `path('proc', 'modules')`. */
  path(...names: string[]): string {
    return join(this.root, ...names)
  }

  /** init_module(2), of an image in memory. `params`: "name=value name=value". */
  initModule(image: Uint8Array, params: string): number {
    return this.load('init_module', image, params).ret
  }

  /** finit_module(2), of what a file holds. `flags`: MODULE_INIT_*. */
  finitModule(image: Uint8Array, params: string, flags: number): number {
    return this.load('finit_module', image, params, { flags }).ret
  }

  /** Either of the two; with `trace` the answer tells the steps of the load, if it failed too. */
  load(
    call: InitModule['call'],
    image: Uint8Array,
    params: string,
    { flags = 0, trace = false } = {},
  ): { ret: number; steps: readonly LoadStep[] } {
    const asked = trace ? { trace } : {}
    const request = { call, payload: image.length, params, flags, ...asked }
    const { ret, steps = [] } = this.#call(request, image).reply
    return { ret, steps }
  }

  /** delete_module(2). `flags`: O_NONBLOCK, O_TRUNC. */
  deleteModule(name: string, flags: number): number {
    return this.#send({ call: 'delete_module', name, flags }).reply.ret
  }

  /** syslog(2). `len`: the size of the caller's buffer, or a console level. */
  syslog(type: number, len = 0): { ret: number; text: Buffer } {
    const { reply, payload } = this.#send({ call: 'syslog', type, len })
    return { ret: reply.ret, text: payload }
  }

  /** Stop the machine: 0, or a negative error number. It is gone soon after. */
  reboot(): number {
    try {
      return this.#send({ call: 'reboot' }).reply.ret
    } catch (error) {
      // It may be gone before its answer could be read.
      if (error instanceof MachineError && GONE.has(error.code ?? '')) return 0
      throw error
    }
  }

  status(): MachineStatus {
    const { ret, status } = this.#send({ call: 'status' }).reply
    if (status) return status
    throw new MachineError(
      `Cannot get the status of the machine at ${this.root}: error ${-ret}`,
    )
  }

  #send(request: Request): Answer {
    return this.#call(request, new Uint8Array(0))
  }
}

/** Calls by way of dev/modbox under `root`. */
export function overDevice(root: string): Transport {
  return (request, payload) => {
    try {
      return callDevice(join(root, 'dev'), encodeRequest(request, payload))
    } catch (error) {
      if (error instanceof MachineError) throw error
      if (!(error instanceof Error && 'code' in error)) throw error
      const code = String(error.code)
      throw new MachineError(
        `Cannot call the machine at ${root}: ${code} on dev/modbox`,
        code,
      )
    }
  }
}

function callDevice(dev: string, request: Buffer): Answer {
  const fd = openDoor(dev)
  try {
    writeRequest(fd, request)
    return readAnswer(fd)
  } finally {
    closeQuietly(fd)
  }
}

function openDoor(dev: string): number {
  try {
    return openSync(join(dev, doorOf(process.pid)), constants.O_RDWR)
  } catch {
    return openSync(join(dev, 'modbox'), constants.O_RDWR)
  }
}

/** close(2) fails when the machine has just stopped, and that no longer matters. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd)
  } catch {
    // The descriptor is closed all the same.
  }
}

/** The bytes of a request, line and payload. */
export function encodeRequest(request: Request, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(request)}\n`), payload])
}

function writeRequest(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    at += writeSync(fd, bytes, at, Math.min(CHUNK, bytes.length - at))
  }
}

function readAnswer(fd: number): Answer {
  let bytes = Buffer.alloc(0)
  for (;;) {
    const answer = decodeAnswer(bytes)
    if (answer) return answer

    const chunk = Buffer.allocUnsafe(bytes.length === 0 ? 1 << 16 : CHUNK)
    const n = readSync(fd, chunk, 0, chunk.length, null)
    if (n === 0)
      throw new MachineError('The machine ended in the middle of an answer', 'ENODEV')
    bytes = Buffer.concat([bytes, chunk.subarray(0, n)])
  }
}

/** The answer in `bytes`, or undefined while some of it is missing. */
export function decodeAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf(NEWLINE)
  if (end < 0) return undefined

  const reply: unknown = JSON.parse(bytes.toString('utf8', 0, end))
  if (!isReply(reply)) throw new MachineError('The machine gave an answer that is none')

  const payload = bytes.subarray(end + 1)
  const expected = reply.payload ?? 0
  return payload.length < expected
    ? undefined
    : { reply, payload: payload.subarray(0, expected) }
}

function isReply(value: unknown): value is Reply {
  return (
    typeof value === 'object' &&
    value !== null &&
    'ret' in value &&
    typeof value.ret === 'number'
  )
}
