// One piece of memory that a driver has got and is to give back: whose it is, how large, and who was
// there when it came and went.

import { BYTES } from '../include/linux/struct_types.ts'
import { KeptStack } from '../lib/kept_stack.ts'
import type { Task } from '../kernel/sched.ts'
import type { Frame, StackTraces } from '../kernel/stack.ts'
import type { kmem_cache } from './kmem_cache.ts'

/** Calls that are kept: those within the kernel, and enough of the driver's to find its line. */
export const ALLOCATION_DEPTH = 6
export const FREE_DEPTH = 4

/** Who did something with it, and from where. */
export class Track extends KeptStack {
  readonly pid: number
  /** When, on the clock of performance.now(). */
  readonly time = performance.now()
  readonly #task: Task
  #comm: string | undefined

  constructor(task: Task, depth: number) {
    super(depth)
    this.pid = task.pid
    this.#task = task
  }

  /** Asking a host's process costs more than the allocation: only who may be gone later is asked. */
  rememberComm(): void {
    this.#comm = this.#task.comm
  }

  /** From the driver's function on, which has called the kernel. */
  frames(stacks: StackTraces): Frame[] {
    return stacks.driversFrames(this)
  }

  get comm(): string {
    return (this.#comm ??= this.#task.comm)
  }
}

export class Allocation {
  readonly address: bigint
  /** Bytes asked for. */
  readonly size: number
  /** Bytes it takes. */
  readonly room: number
  /** Where it comes from; undefined if it has pages of its own. */
  readonly cache: kmem_cache | undefined
  /** What its owner has not given back, this too until it is freed. */
  readonly live: Set<Allocation>
  /** Who asked; undefined if nobody wants to know. */
  readonly allocated: Track | undefined
  /** What stands for the memory: an array, a view or an object of the driver's. */
  readonly object: object
  freed = false
  /** Who freed it, if that is known. */
  freedBy: Track | undefined = undefined
  /** A use after the end has been reported. */
  reported = false

  constructor(
    place: Pick<Allocation, 'address' | 'size' | 'room' | 'cache' | 'live'>,
    object: object,
    allocated: Track | undefined,
  ) {
    this.address = place.address
    this.size = place.size
    this.room = place.room
    this.cache = place.cache
    this.live = place.live
    this.object = object
    this.allocated = allocated
  }
}

const { get: bufferGetter } = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  'buffer',
) as { get: () => ArrayBufferLike }

/**
 * What identifies memory: the buffer that all views of it share, or the object itself. Asks no
 * property that a freed object would report.
 */
export function identityOf(memory: object): object {
  if (ArrayBuffer.isView(memory)) {
    return memory instanceof DataView ? memory.buffer : bufferGetter.call(memory)
  }
  const bytes = BYTES in memory ? (memory as { [BYTES]?: Uint8Array })[BYTES] : undefined
  return bytes ? bytes.buffer : memory
}

/** Is what identifies it the buffer of a driver's array? It may be of the driver's own realm. */
export function isBuffer(identity: object): identity is ArrayBuffer {
  return (
    identity instanceof ArrayBuffer ||
    Object.prototype.toString.call(identity) === '[object ArrayBuffer]'
  )
}
