// READ and WRITE: the two requests that carry a program's bytes.

import {
  FUSE_IN_HEADER_SIZE,
  FUSE_OUT_HEADER_SIZE,
  FUSE_READ_LOCKOWNER,
  FUSE_WRITE_CACHE,
  FUSE_WRITE_IN_SIZE,
  FUSE_WRITE_OUT_SIZE,
} from '../include/uapi/fuse.ts'
import { UserWindow } from '../lib/usercopy.ts'
import { Reply } from './codec.ts'
import type { Request } from './codec.ts'
import type { Operation } from './operation.ts'

/** What READ and WRITE have in common. */
class Transfer {
  readonly fh: number
  readonly offset: number
  /** The open file's flags now. */
  readonly flags: number
  readonly size: number
  /** FUSE_READ_* or FUSE_WRITE_*: whose bytes they are. */
  readonly kind: number
  readonly window: UserWindow

  constructor(request: Request, size: number, window: UserWindow) {
    this.fh = request.u64(0)
    this.offset = request.u64(8)
    this.kind = request.u32(20)
    this.flags = request.u32(32)
    this.size = size
    this.window = window
  }
}

function text({ fh, offset, size }: Transfer): string {
  return `fh ${fh} off ${offset} size ${size}`
}

function decodeRead(request: Request, reply: Reply): Transfer | undefined {
  const room = reply.bytes.length - FUSE_OUT_HEADER_SIZE
  const size = request.u32(16)
  const window = new UserWindow(reply.bytes, FUSE_OUT_HEADER_SIZE, size)
  const transfer = new Transfer(request, size, window)
  return size <= room && transfer.offset <= Number.MAX_SAFE_INTEGER ? transfer : undefined
}

function decodeWrite(request: Request): Transfer | undefined {
  const size = request.u32(16)
  const start = FUSE_IN_HEADER_SIZE + FUSE_WRITE_IN_SIZE
  const window = new UserWindow(request.bytes, start, size)
  const transfer = new Transfer(request, size, window)
  const whole = start + size <= request.length
  return whole && transfer.offset <= Number.MAX_SAFE_INTEGER ? transfer : undefined
}

export const READ: Operation<Transfer, number> = {
  name: 'READ',
  size: 40,
  room: 0,
  counts: true,
  tellsENOSYS: true,
  decode: decodeRead,
  text,
  // Only read(2) has an owner; without one the host fills a page of its cache.
  call: (fs, t, at) =>
    t.kind & FUSE_READ_LOCKOWNER
      ? fs.read(t.fh, t.offset, t.window, t.flags, at.caller)
      : fs.fault(t.fh, t.offset, t.window, t.flags, at.caller),
  detach: t => t.window.detach(),
  most: t => t.size,
  reply({ window }, n, reply) {
    window.complete(n)
    if (window.bytes === reply.bytes) return reply
    if (n > reply.body.length) return new Reply(window.bytes)
    window.take(0, reply.body, n)
    return reply
  },
  encode: n => n,
  end: t => t.window.end(),
}

export const WRITE: Operation<Transfer, number> = {
  name: 'WRITE',
  size: FUSE_WRITE_IN_SIZE,
  room: FUSE_WRITE_OUT_SIZE,
  counts: true,
  tellsENOSYS: true,
  decode: decodeWrite,
  text,
  call: (fs, t, at) =>
    t.kind & FUSE_WRITE_CACHE
      ? fs.writeBack(t.fh, t.offset, t.window, t.flags, at.caller)
      : fs.write(t.fh, t.offset, t.window, t.flags, at.caller),
  detach: t => t.window.keep(),
  most: t => t.size,
  encode(n, reply) {
    reply.u32(0, n)
    reply.u32(4, 0)
    return FUSE_WRITE_OUT_SIZE
  },
  end: t => t.window.end(),
}
