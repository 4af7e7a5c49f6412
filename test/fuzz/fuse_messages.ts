// Messages as the host could send them, and worse ones.

import * as op from '../../src/include/uapi/fuse.ts'
import { RUN_VIEW } from '../../src/fuse/run_view.ts'
import { FORWARD } from '../../src/syscall/forward.ts'
import type { Random } from './random.ts'
import { anyText, bytes } from './texts.ts'

/** What a session has learned so far. */
export interface Known {
  readonly names: readonly string[]
  readonly nodeids: number[]
  readonly handles: number[]
  /** Requests that have no answer yet. */
  readonly waiting: () => number[]
}

export interface Message {
  readonly bytes: Buffer
  readonly opcode: number
  readonly unique: number
}

/** Fields of a body: 32 bits, or 64 as bigints, or bytes. */
export type Fields = readonly (number | bigint | Buffer)[]
type Body = (ask: Ask) => Fields

const EDGES = [
  0n,
  1n,
  2n,
  4095n,
  4096n,
  4097n,
  1n << 20n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
]

const ODD_NAMES = ['', '.', '..', RUN_VIEW, '__proto__', 'toString', 'a/b', 'ä']

const MODES = [0o100644, 0o40755, 0o20666, 0o60666, 0o10644, 0o140600, 0, 0o177777]

/** Nobody on the host has such a number. */
const NO_PROCESS = 2 ** 30

/** What a field may hold. */
class Ask {
  readonly random: Random
  readonly #known: Known

  constructor(random: Random, known: Known) {
    this.random = random
    this.#known = known
  }

  get u32(): number {
    return Number(this.u64 & 0xffffffffn)
  }

  get u64(): bigint {
    const { random } = this
    return random.below(4) === 0 ? BigInt(random.u32()) : random.pick(EDGES)
  }

  get small(): number {
    return this.random.below(16)
  }

  get offset(): bigint {
    return this.random.below(3) > 0 ? 0n : this.u64
  }

  get size(): number {
    return this.random.below(4) > 0 ? this.random.below(8192) : this.u32
  }

  get mode(): number {
    return this.random.pick(MODES)
  }

  get flags(): number {
    const { random } = this
    const rarely = random.below(8) === 0 ? this.u32 : 0
    return random.below(4) | rarely | (random.below(4) > 0 ? 0o4000 : 0)
  }

  get fh(): bigint {
    return this.#oneOf(this.#known.handles)
  }

  get nodeid(): bigint {
    return this.#oneOf(this.#known.nodeids)
  }

  get unique(): bigint {
    return this.#oneOf(this.#known.waiting())
  }

  get name(): Buffer {
    const { random } = this
    const kind = random.below(16)
    if (kind === 0) return Buffer.from(`${random.pick(ODD_NAMES)}\0`)
    if (kind === 1) return Buffer.from(`${'n'.repeat(random.below(5000))}\0`)
    if (kind === 2) return bytes(random, random.below(300))
    if (kind === 3) return Buffer.from(`new${random.below(9)}\0`)
    return Buffer.from(`${random.pick(this.#known.names)}\0`)
  }

  #oneOf(known: readonly number[]): bigint {
    const { random } = this
    const isKnown = known.length > 0 && random.below(16) > 0
    return isKnown ? BigInt(random.pick(known)) : this.u64
  }
}

const OPEN: Body = ask => [ask.flags, 0]
const READ: Body = ask => [ask.fh, ask.offset, ask.size, ask.small, 0n, ask.flags, 0]
const RELEASE: Body = ask => [ask.fh, ask.flags, ask.small, 0n]
const FSYNC: Body = ask => [ask.fh, ask.small, 0]

/** A row each, with the fields of its struct; often used ones several times. */
const BODIES: readonly (readonly [opcode: number, body: Body])[] = [
  ...times(6, op.FUSE_LOOKUP, ask => [ask.name]),
  [op.FUSE_FORGET, ask => [BigInt(ask.small)]],
  [op.FUSE_GETATTR, ask => [ask.small, 0, ask.fh]],
  [
    op.FUSE_SETATTR,
    // prettier-ignore
    ask => [
      ask.random.below(2048), 0, ask.fh, ask.u64, 0n, ask.u64, ask.u64, ask.u64,
      ask.u32, ask.u32, ask.u32, ask.mode, 0, ask.u32, ask.u32, 0,
    ],
  ],
  [op.FUSE_READLINK, () => []],
  [op.FUSE_SYMLINK, ask => [ask.name, ask.name]],
  [op.FUSE_MKNOD, ask => [ask.mode, ask.u32, 0, 0, ask.name]],
  [op.FUSE_MKDIR, ask => [ask.mode, 0, ask.name]],
  [op.FUSE_UNLINK, ask => [ask.name]],
  [op.FUSE_RMDIR, ask => [ask.name]],
  [op.FUSE_RENAME, ask => [ask.nodeid, ask.name, ask.name]],
  [op.FUSE_RENAME2, ask => [ask.nodeid, ask.small, 0, ask.name, ask.name]],
  [op.FUSE_LINK, ask => [ask.nodeid, ask.name]],
  ...times(6, op.FUSE_OPEN, OPEN),
  ...times(6, op.FUSE_READ, READ),
  ...times(6, op.FUSE_WRITE, ask => {
    const data = anyText(ask.random)
    const size = ask.random.below(8) > 0 ? data.length : ask.u32
    return [ask.fh, ask.offset, size, ask.small, 0n, ask.flags, 0, data]
  }),
  [op.FUSE_STATFS, () => []],
  ...times(3, op.FUSE_RELEASE, RELEASE),
  [op.FUSE_FSYNC, FSYNC],
  [op.FUSE_LISTXATTR, ask => [ask.u32, 0]],
  [op.FUSE_FLUSH, ask => [ask.fh, 0, 0, 0n]],
  [
    op.FUSE_INIT,
    ask => [ask.small, ask.u32, ask.u32, ask.u32, ask.u32, Buffer.alloc(44)],
  ],
  [op.FUSE_OPENDIR, OPEN],
  [op.FUSE_READDIR, READ],
  [op.FUSE_READDIRPLUS, READ],
  [op.FUSE_RELEASEDIR, RELEASE],
  [op.FUSE_FSYNCDIR, FSYNC],
  [op.FUSE_ACCESS, ask => [ask.small, 0]],
  [op.FUSE_CREATE, ask => [ask.flags, ask.mode, 0, 0, ask.name]],
  ...times(3, op.FUSE_INTERRUPT, ask => [ask.unique]),
  ...times(4, op.FUSE_IOCTL, ask => {
    const cmd = ask.random.below(4) === 0 ? FORWARD : ask.u32
    return [ask.fh, ask.small, cmd, ask.u64, ask.u32, ask.u32]
  }),
  ...times(2, op.FUSE_POLL, ask => [ask.fh, ask.u64, ask.small, ask.u32]),
  [
    op.FUSE_NOTIFY_REPLY,
    ask => [0n, ask.offset, ask.size, 0, 0n, 0n, anyText(ask.random)],
  ],
  [
    op.FUSE_BATCH_FORGET,
    ask => [ask.random.below(4), 0, ask.nodeid, BigInt(ask.small), ask.nodeid, ask.u64],
  ],
  [op.FUSE_FALLOCATE, ask => [ask.fh, ask.u64, ask.u64, ask.small, 0]],
  [op.FUSE_LSEEK, ask => [ask.fh, ask.u64, ask.small, 0]],
  [
    op.FUSE_COPY_FILE_RANGE,
    ask => [ask.fh, ask.u64, ask.nodeid, ask.fh, ask.u64, ask.u64, 0n],
  ],
]

function times(n: number, opcode: number, body: Body): [number, Body][] {
  return Array.from({ length: n }, () => [opcode, body])
}

/** The message number `unique`: like the host's, or damaged. */
export function anyMessage(random: Random, known: Known, unique: number): Message {
  const ask = new Ask(random, known)
  const [opcode, fields] = random.pick(BODIES)
  const body = encode(fields(ask))
  const length = op.FUSE_IN_HEADER_SIZE + body.length
  const [uid, gid] = [random.pick([0, 0, 1000, 65534]), random.pick([0, 1000])]
  const header = encode([length, opcode, 0n, ask.nodeid, uid, gid, 0, 0])
  const whole = Buffer.concat([header, body])
  const bytes = random.below(3) === 0 ? damaged(whole, random) : whole
  bytes.writeBigUInt64LE(BigInt(unique), 8)
  bytes.writeUInt32LE(random.pick([0, NO_PROCESS, NO_PROCESS + 1]), 32)
  return { bytes, opcode: bytes.readUInt32LE(4), unique }
}

/** The host never sends less than a header. */
function damaged(whole: Buffer, random: Random): Buffer {
  const shortest = op.FUSE_IN_HEADER_SIZE
  switch (random.below(4)) {
    case 0:
      return whole.subarray(0, shortest + random.below(whole.length - shortest))
    case 1:
      return Buffer.concat([whole, bytes(random, random.below(64))])
    case 2:
      whole.writeUInt32LE(random.pick([0, 7, 53, 63, 4096, 2 ** 32 - 1, random.u32()]), 4)
      return whole
    default:
      for (let n = 1 + random.below(8); n > 0; n--) {
        whole[random.below(whole.length)] = random.u32()
      }
      return whole
  }
}

export function encode(fields: Fields): Buffer {
  return Buffer.concat(
    fields.map(field => {
      if (Buffer.isBuffer(field)) return field
      if (typeof field === 'number') return Buffer.from(Uint32Array.of(field).buffer)
      return Buffer.from(BigUint64Array.of(field).buffer)
    }),
  )
}
