// What a thread of the host is doing while it waits for us: /proc/<pid>/syscall has the number of its
// system call and the arguments. FUSE's requests do not tell these apart:
//
// - flags of open(2) that the host keeps to itself
// - pread(2) and a read(2) after lseek(2)
// - how far from the end lseek(2) goes
// - where the file stands that the call is about
// - a page of memory that is touched and sendfile(2)
//
// Where the transport does not even say who calls, it also tells what a thread waits for.

import { O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC, O_WRONLY } from '../include/uapi/fcntl.ts'
import type { user_memory } from '../lib/usercopy.ts'
import { textOf } from './host_text.ts'

/** Numbers of the calls that matter here. */
interface Numbers {
  open: number | undefined
  creat: number | undefined
  openat: number
  openat2: number
  close: number
  /** read, readv, pread64 …: the first argument is the file. */
  reading: readonly number[]
  writing: readonly number[]
  fsync: readonly number[]
  lseek: number
  /** pread64, pwrite64, preadv, pwritev. */
  positioned: readonly number[]
  /** sendfile, splice, copy_file_range. */
  splicing: readonly number[]
  /** preadv2, pwritev2: with a position of -1 they are none of these. */
  positioned2: readonly number[]
}

const X64: Numbers = {
  open: 2,
  creat: 85,
  openat: 257,
  openat2: 437,
  close: 3,
  reading: [0, 17, 19, 295, 327],
  writing: [1, 18, 20, 296, 328],
  fsync: [74, 75],
  lseek: 8,
  positioned: [17, 18, 295, 296],
  positioned2: [327, 328],
  splicing: [40, 275, 326],
}

const ARM64: Numbers = {
  open: undefined,
  creat: undefined,
  openat: 56,
  openat2: 437,
  close: 57,
  reading: [63, 65, 67, 69, 286],
  writing: [64, 66, 68, 70, 287],
  fsync: [82, 83],
  lseek: 62,
  positioned: [67, 68, 69, 70],
  positioned2: [286, 287],
  splicing: [71, 76, 285],
}

/** What Linux says of a thread that does not wait. */
const RUNNING = 'running\n'
/** So often that is looked at, and how long to wait in between, in milliseconds. */
const LOOKS = 40
const LOOK_AGAIN = 0.05
const NOBODY_WAKES = new Int32Array(new SharedArrayBuffer(4))

const HIDDEN = O_CREAT | O_EXCL | O_NOCTTY
const SEEK_END = 2n

/** What a call does with a file, as the file's server names it. */
export type FileCall = 'open' | 'read' | 'write' | 'fsync' | 'flush'

export class SystemCalls {
  readonly #numbers: Numbers
  readonly #memoryOf: (pid: number) => user_memory

  constructor(memoryOf: (pid: number) => user_memory, arch: string = process.arch) {
    this.#numbers = arch === 'arm64' ? ARM64 : X64
    this.#memoryOf = memoryOf
  }

  /** Flags that thread `pid` has given to open(2) and that OPEN does not carry. */
  hiddenOpenFlags(pid: number): number {
    const [nr, ...args] = callOf(pid)
    const { open, creat, openat, openat2 } = this.#numbers
    if (nr === undefined) return 0
    if (nr === open) return Number(args[1]) & HIDDEN
    if (nr === openat) return Number(args[2]) & HIDDEN
    if (nr === openat2) return this.#openHow(pid, args[2] ?? 0n) & HIDDEN
    return nr === creat ? (O_CREAT | O_WRONLY | O_TRUNC) & HIDDEN : 0
  }

  /** Does thread `pid` read or write at a place of its own, and not at the file's position? */
  isPositioned(pid: number): boolean {
    const [nr, ...args] = callOf(pid)
    if (nr === undefined) return false
    if (this.#numbers.positioned.includes(nr)) return true
    return this.#numbers.positioned2.includes(nr) && BigInt.asIntN(64, args[3] ?? 0n) >= 0
  }

  /** The call on a file that thread `pid` is in; with the descriptor, if that tells the file. */
  fileCall(pid: number): { kind: FileCall; fd: number | undefined } | undefined {
    const [nr, first] = callOf(pid)
    if (nr === undefined) return undefined
    const { open, creat, openat, openat2, close, reading, writing, fsync } = this.#numbers
    const fd = Number(first)
    if (reading.includes(nr)) return { kind: 'read', fd }
    if (writing.includes(nr)) return { kind: 'write', fd }
    if (fsync.includes(nr)) return { kind: 'fsync', fd }
    if (nr === close) return { kind: 'flush', fd: undefined }
    const opens = [open, creat, openat, openat2].includes(nr)
    return opens ? { kind: 'open', fd: undefined } : undefined
  }

  /** Does thread `pid` have the kernel copy from file to file? */
  splices(pid: number): boolean {
    const [nr] = callOf(pid)
    return nr !== undefined && this.#numbers.splicing.includes(nr)
  }

  /** The offset of an lseek(2) from the end that thread `pid` is in. */
  seekFromEnd(pid: number): number | undefined {
    const [nr, ...args] = callOf(pid)
    if (nr !== this.#numbers.lseek || args[2] !== SEEK_END) return undefined
    return Number(BigInt.asIntN(64, args[1] ?? 0n))
  }

  /** Where the descriptor stands that is the first argument of thread `pid`'s call; undefined if it is not ours to see. */
  position(pid: number): number | undefined {
    const [, fd] = callOf(pid)
    const info = fd === undefined ? '' : textOf(`/proc/${pid}/fdinfo/${fd}`)
    const position = /^pos:\s+(\d+)/.exec(info)?.[1]
    return position === undefined ? undefined : Number(position)
  }

  /** The first member of a `struct open_how`. */
  #openHow(pid: number, address: bigint): number {
    const flags = new Uint32Array(1)
    return this.#memoryOf(pid).read(address, new Uint8Array(flags.buffer)) === 4
      ? (flags[0] ?? 0)
      : 0
  }
}

/** The number and the arguments; nothing of another user's process, or one that has ended. */
function callOf(pid: number): [nr?: number, ...args: bigint[]] {
  if (pid === 0) return []
  const [nr, ...args] = waitingCall(pid).split(' ')
  return /^\d+$/.test(nr ?? '') ? [Number(nr), ...args.map(BigInt)] : []
}

/** A signal wakes a thread that waits for us, only to let it wait on: meanwhile it is "running". */
function waitingCall(pid: number): string {
  const path = `/proc/${pid}/syscall`
  let text = textOf(path)
  for (let looks = 1; text === RUNNING && looks < LOOKS; looks++) {
    Atomics.wait(NOBODY_WAKES, 0, 0, LOOK_AGAIN)
    text = textOf(path)
  }
  return text
}
