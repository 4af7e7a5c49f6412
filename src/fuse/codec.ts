// FUSE structures in bytes: requests are read in place, replies are built in place.
//
// Every field lies at a multiple of four bytes and has the machine's byte order, so both
// directions are arrays of 32-bit words; 64-bit fields are two of them, low word first. The
// names of the fields are those of <linux/fuse.h>.

import {
  FUSE_ENTRY_OUT_SIZE,
  FUSE_IN_HEADER_SIZE,
  FUSE_OUT_HEADER_SIZE,
} from '../include/uapi/fuse.ts'
import type { Attributes, Entry, FileSystemStatistics, Opened } from './filesystem.ts'

const HIGH = 2 ** 32
/** Index of the first word after struct fuse_in_header. */
const BODY = FUSE_IN_HEADER_SIZE / 4
/** Index of the first word after struct fuse_out_header. */
const OUT = FUSE_OUT_HEADER_SIZE / 4

/** The request being looked at. Its buffer is used again for the next one. */
export class Request {
  readonly bytes: Buffer
  readonly words: Uint32Array
  /** Bytes of this request, header included. */
  length = 0

  /** `memory` is aligned to 4 bytes. */
  constructor(memory: Uint8Array) {
    const { buffer, byteOffset, length } = memory
    this.bytes = Buffer.from(buffer, byteOffset, length)
    this.words = new Uint32Array(buffer, byteOffset, length >>> 2)
  }

  /** A 32-bit field, `offset` bytes into the body. */
  u32(offset: number): number {
    return this.words[BODY + offset / 4] as number
  }

  /** A 64-bit field; exact up to 2**53. */
  u64(offset: number): number {
    const word = BODY + offset / 4
    return (this.words[word] as number) + (this.words[word + 1] as number) * HIGH
  }

  /** A 64-bit field of which every bit counts. */
  exact64(offset: number): bigint {
    return this.bytes.readBigUInt64LE(FUSE_IN_HEADER_SIZE + offset)
  }

  /** At most `size` bytes, `offset` bytes into the body. Of this request only. */
  body(offset: number, size: number): Uint8Array {
    const start = FUSE_IN_HEADER_SIZE + offset
    return this.bytes.subarray(start, Math.min(start + size, this.length))
  }

  /** How long the body is. */
  get size(): number {
    return this.length - FUSE_IN_HEADER_SIZE
  }

  /** The string that starts `offset` bytes into the body; undefined if it does not end. */
  string(offset: number): string | undefined {
    const start = FUSE_IN_HEADER_SIZE + offset
    const end = this.#endOfString(start)
    return end < 0 ? undefined : this.bytes.toString('utf8', start, end)
  }

  /** Two strings, one after the other. */
  strings(offset: number): [string, string] | undefined {
    const start = FUSE_IN_HEADER_SIZE + offset
    const end = this.#endOfString(start)
    if (end < 0) return undefined

    const second = this.string(end + 1 - FUSE_IN_HEADER_SIZE)
    if (second === undefined) return undefined
    return [this.bytes.toString('utf8', start, end), second]
  }

  #endOfString(start: number): number {
    const end = this.bytes.indexOf(0, start)
    return end < this.length ? end : -1
  }
}

/** A reply being built: 16 bytes of header, then the body. */
export class Reply {
  readonly bytes: Uint8Array
  /** Those behind the header. */
  readonly body: Uint8Array
  readonly words: Uint32Array

  /** `bytes` is aligned to 4 bytes. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.body = bytes.subarray(FUSE_OUT_HEADER_SIZE)
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)
  }

  /** Room for a body of `size` bytes. */
  static of(size: number): Reply {
    return new Reply(new Uint8Array(FUSE_OUT_HEADER_SIZE + size))
  }

  /** `low` and `high` are the halves of the request's `unique`. */
  header(length: number, error: number, low: number, high: number): void {
    const words = this.words
    words[0] = length
    words[1] = error
    words[2] = low
    words[3] = high
  }

  /** A 32-bit field, `offset` bytes into the body. */
  u32(offset: number, value: number): void {
    this.words[OUT + offset / 4] = value
  }

  /** A 64-bit field; `value` is a whole number of at least 0. */
  u64(offset: number, value: number): void {
    const word = OUT + offset / 4
    this.words[word] = value
    this.words[word + 1] = value / HIGH
  }

  zero(offset: number, size: number): void {
    const start = FUSE_OUT_HEADER_SIZE + offset
    this.bytes.fill(0, start, start + size)
  }

  /** struct fuse_attr. The host believes none of it for longer than one question. */
  attr(offset: number, a: Attributes): void {
    this.zero(offset, 88)
    this.u64(offset, a.ino)
    this.u64(offset + 8, a.size)
    this.#time(offset + 24, offset + 48, a.atime)
    this.#time(offset + 32, offset + 52, a.mtime)
    this.#time(offset + 40, offset + 56, a.ctime)
    this.u32(offset + 60, a.mode)
    this.u32(offset + 64, a.nlink)
    this.u32(offset + 68, a.uid)
    this.u32(offset + 72, a.gid)
    this.u32(offset + 76, a.rdev)
    this.u32(offset + 80, a.blksize)
  }

  /** struct fuse_entry_out, with timeouts of 0: each path walk asks again. */
  entry(offset: number, entry: Entry): void {
    this.zero(offset, FUSE_ENTRY_OUT_SIZE - 88)
    this.u64(offset, entry.nodeid)
    this.attr(offset + 40, entry.attributes)
  }

  /** struct fuse_open_out. */
  opened(offset: number, opened: Opened): void {
    this.u64(offset, opened.fh)
    this.u32(offset + 8, opened.flags)
    this.u32(offset + 12, 0)
  }

  /** struct fuse_kstatfs. No blocks or files are ever free: nothing can be filled up. */
  statfs(offset: number, s: FileSystemStatistics): void {
    this.zero(offset, 80)
    this.u64(offset, s.blocks)
    this.u64(offset + 24, s.files)
    this.u32(offset + 40, s.blksize)
    this.u32(offset + 44, s.namelen)
    this.u32(offset + 48, s.blksize)
  }

  #time(seconds: number, nanoseconds: number, ms: number): void {
    const whole = Math.floor(ms / 1000)
    this.u64(seconds, whole)
    this.u32(nanoseconds, Math.round((ms - whole * 1000) * 1e6))
  }
}
