// One READDIR or READDIRPLUS: entries laid one after the other, until the next does not fit.

import { FUSE_DIRENT_SIZE, FUSE_ENTRY_OUT_SIZE } from '../include/uapi/fuse.ts'
import { FUSE_OUT_HEADER_SIZE } from '../include/uapi/fuse.ts'
import { Reply } from './codec.ts'
import type { DirectoryEntry } from './filesystem.ts'

export class DirectoryPage {
  readonly fh: number
  readonly offset: number
  readonly plus: boolean
  /** Bytes the host has room for. */
  readonly size: number
  reply: Reply
  used = 0

  constructor(reply: Reply, fh: number, offset: number, size: number, plus: boolean) {
    this.reply = reply
    this.fh = fh
    this.offset = offset
    this.size = Math.min(size, reply.bytes.length - FUSE_OUT_HEADER_SIZE)
    this.plus = plus
  }

  /** Add `entry`, or say false if it does not fit. */
  take(entry: DirectoryEntry): boolean {
    const name = Buffer.from(entry.name)
    const head = this.plus ? FUSE_ENTRY_OUT_SIZE : 0
    const size = align8(head + FUSE_DIRENT_SIZE + name.length)
    if (this.used + size > this.size) return false

    const at = this.used + head
    const reply = this.reply
    reply.zero(this.used, size)
    if (this.plus && entry.entry) reply.entry(this.used, entry.entry)
    reply.u64(at, entry.ino)
    reply.u64(at + 8, entry.next)
    reply.u32(at + 16, name.length)
    reply.u32(at + 20, entry.type >>> 12)
    reply.bytes.set(name, FUSE_OUT_HEADER_SIZE + at + FUSE_DIRENT_SIZE)
    this.used += size
    return true
  }

  /** The answer will take a while: leave the shared buffer. */
  detach(): void {
    const own = Reply.of(this.size)
    own.bytes.set(this.reply.bytes.subarray(0, FUSE_OUT_HEADER_SIZE + this.used))
    this.reply = own
  }
}

function align8(n: number): number {
  return (n + 7) & ~7
}
