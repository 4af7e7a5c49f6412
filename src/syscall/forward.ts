// System calls that a supervisor (src/supervise) has taken from a program and makes for it: what it
// sends, what the machine answers.
//
// Each is one ioctl(2) of the supervisor's, FORWARD, whose argument is the address of a record in its
// own memory. Calls that are about an open file go to that very file; all others to a
// /dev/modbox on which the supervisor has connected itself (`supervise` in protocol.ts). The call is
// made as the program that it was taken from, with pointers into that program's memory.
//
// The answer is the ioctl's own, unless the record says more. An error is in the record, for the host
// lets through only those that it knows. Of a call that sleeps the record says just that, and its answer
// can be read(2) from the connection when it is there.

/** No macro makes this number: it has a size, but no direction. */
export const FORWARD = 0x002a_6d62

/** Which call it is. */
export const FORWARDED = {
  /** (image, length, parameters) */
  init_module: 1,
  /** (image in the supervisor's memory, length, parameters, flags) */
  finit_module: 2,
  /** (name, flags) */
  delete_module: 3,
  /** (type, buffer, length) */
  syslog: 4,
  /** (descriptor, command, argument), of the file it is sent to */
  ioctl: 5,
  /** (name in the supervisor's memory, mode, device), of the folder it is sent to */
  mknod: 6,
  /** (): the caller of the sleeping call of that id has got a signal */
  signal: 7,
  /** As ioctl; of those commands that do_fcntl() knows */
  fcntl: 8,
  /** (epoll, operation), of the file that is to be watched */
  epoll_ctl: 9,
  /** (address, length, protection, flags, descriptor, offset), of that file: 0 if the host may go on */
  mmap: 10,
} as const

export interface ForwardedCall {
  /** One of FORWARDED. */
  call: number
  /** The supervisor's own number for it. */
  id: bigint
  /** The thread that made it. */
  pid: number
  /** What the supervisor got for connecting itself. */
  connection: number
  args: readonly bigint[]
}

/** No module is as large as this, in bytes. */
export const IMAGE_MAX = 64 << 20

const OUTCOME = {
  /** The ioctl's own value is the answer. */
  inIoctl: 0,
  sleeps: 1,
  failed: 2,
  goesOn: 3,
} as const

/** Bytes of a record. */
export const FORWARD_SIZE = 88
/** Where the record says what became of the call. */
export const OUTCOME_AT = 72

const ARGS_AT = 24
const ARGS = 6

export function encodeForward(call: ForwardedCall, record: DataView): void {
  record.setBigUint64(0, call.id, true)
  record.setUint32(8, call.pid, true)
  record.setUint32(12, call.call, true)
  record.setUint32(16, call.connection, true)
  record.setUint32(20, 0, true)
  for (let i = 0; i < ARGS; i++) {
    record.setBigUint64(ARGS_AT + 8 * i, call.args[i] ?? 0n, true)
  }
  record.setBigUint64(OUTCOME_AT, BigInt(OUTCOME.inIoctl), true)
  record.setBigUint64(OUTCOME_AT + 8, 0n, true)
}

export function decodeForward(record: DataView): ForwardedCall {
  const arg = (i: number) => record.getBigUint64(ARGS_AT + 8 * i, true)
  return {
    id: record.getBigUint64(0, true),
    pid: record.getUint32(8, true),
    call: record.getUint32(12, true),
    connection: record.getUint32(16, true),
    args: [arg(0), arg(1), arg(2), arg(3), arg(4), arg(5)],
  }
}

/** Instead of an answer: there is none yet; or the host is to make the call itself. */
export type NoAnswer = 'sleeps' | 'goesOn'

/** What a record holds from OUTCOME_AT on. A number is an error, so it is negative. */
export function encodeOutcome(outcome: number | NoAnswer): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(FORWARD_SIZE - OUTCOME_AT))
  const failed = typeof outcome === 'number'
  bytes.setBigUint64(0, BigInt(OUTCOME[failed ? 'failed' : outcome]), true)
  if (failed) bytes.setBigInt64(8, BigInt(outcome), true)
  return new Uint8Array(bytes.buffer)
}

/** The answer, given that the ioctl's own value is `value`. */
export function decodeOutcome(record: DataView, value: number): number | NoAnswer {
  const outcome = record.getUint32(OUTCOME_AT, true)
  if (outcome === OUTCOME.sleeps) return 'sleeps'
  if (outcome === OUTCOME.goesOn) return 'goesOn'
  return outcome === OUTCOME.failed
    ? Number(record.getBigInt64(OUTCOME_AT + 8, true))
    : value
}

/** A descriptor that a driver has made for the caller: the supervisor opens `path`, and puts it there. */
export interface GivenFile {
  readonly fd: number
  /** O_CLOEXEC, and those of open(2). */
  readonly flags: number
  /** From the root of the machine: "anon_inode:[eventfd]". It is there for this supervisor, for one open(2). */
  readonly path: string
}

/** What is read of a connection: the answer to one call that slept; before it, the files that it has made. */
export interface LateAnswer {
  readonly id: bigint
  readonly ret: number
  readonly given?: GivenFile | undefined
}

/** Bytes of a late answer. */
export const ANSWER_SIZE = 96

const PATH_AT = 24

/** A longer path is cut off. */
export function encodeAnswer({ id, ret, given }: LateAnswer): Uint8Array {
  const bytes = Buffer.alloc(ANSWER_SIZE)
  bytes.writeBigUInt64LE(id, 0)
  bytes.writeBigInt64LE(BigInt(ret), 8)
  bytes.writeInt32LE(given?.fd ?? -1, 16)
  bytes.writeUInt32LE(given?.flags ?? 0, 20)
  bytes.write(given?.path ?? '', PATH_AT, ANSWER_SIZE - PATH_AT - 1)
  return bytes
}

export function decodeAnswer(bytes: Buffer, at: number): LateAnswer {
  const id = bytes.readBigUInt64LE(at)
  const ret = Number(bytes.readBigInt64LE(at + 8))
  const fd = bytes.readInt32LE(at + 16)
  if (fd < 0) return { id, ret }
  const path = bytes.toString('utf8', at + PATH_AT, bytes.indexOf(0, at + PATH_AT))
  return { id, ret, given: { fd, flags: bytes.readUInt32LE(at + 20), path } }
}
