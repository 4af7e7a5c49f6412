// The rows of operations.ts that are about open files and open folders.

import {
  FUSE_FSYNC_FDATASYNC,
  FUSE_IOCTL_OUT_SIZE,
  FUSE_LSEEK_OUT_SIZE,
  FUSE_OPEN_OUT_SIZE,
  FUSE_POLL_OUT_SIZE,
  FUSE_POLL_SCHEDULE_NOTIFY,
  FUSE_WRITE_OUT_SIZE,
} from '../include/uapi/fuse.ts'
import type { Reply, Request } from './codec.ts'
import { DirectoryPage } from './directory_page.ts'
import type { Opened } from './filesystem.ts'
import { nothing, row } from './operation.ts'
import type { Operation } from './operation.ts'

function encodeOpened(opened: Opened, reply: Reply): number {
  reply.opened(0, opened)
  return FUSE_OPEN_OUT_SIZE
}

export const OPEN = row<number, Opened>({
  name: 'OPEN',
  size: 8,
  room: FUSE_OPEN_OUT_SIZE,
  decode: request => request.u32(0),
  text: flags => `flags 0${flags.toString(8)}`,
  call: (fs, flags, at) => fs.open(at.nodeid, flags, at.caller),
  encode: encodeOpened,
})

// Not a request, but the answer to one of ours.
export const NOTIFY_REPLY = row<Uint8Array, number>({
  name: 'NOTIFY_REPLY',
  size: 40,
  room: 0,
  silent: true,
  decode: request => Uint8Array.from(request.body(40, request.u32(16))),
  text: bytes => `size ${bytes.length}`,
  call(fs, bytes, at) {
    fs.retrieved(at.caller.unique, bytes)
    return 0
  },
  encode: nothing,
})

export const FLUSH = row<number, number>({
  name: 'FLUSH',
  size: 24,
  room: 0,
  decode: request => request.u64(0),
  text: fh => `fh ${fh}`,
  call: (fs, fh, at) => fs.flush(fh, at.caller),
  encode: nothing,
})

export const RELEASE = row<{ fh: number; flags: number }, number>({
  name: 'RELEASE',
  size: 24,
  room: 0,
  decode: request => ({ fh: request.u64(0), flags: request.u32(8) }),
  text: ({ fh }) => `fh ${fh}`,
  call: (fs, { fh, flags }, at) => fs.release(fh, flags, at.caller),
  encode: nothing,
})

export const FSYNC = row<{ fh: number; datasync: boolean }, number>({
  name: 'FSYNC',
  size: 16,
  room: 0,
  decode: request => ({
    fh: request.u64(0),
    datasync: (request.u32(8) & FUSE_FSYNC_FDATASYNC) !== 0,
  }),
  text: ({ fh }) => `fh ${fh}`,
  call: (fs, { fh, datasync }, at) => fs.fsync(fh, datasync, at.caller),
  encode: nothing,
})

export const LSEEK = row<{ fh: number; offset: number; whence: number }, number>({
  name: 'LSEEK',
  size: 24,
  room: FUSE_LSEEK_OUT_SIZE,
  counts: true,
  decode: request => ({
    fh: request.u64(0),
    offset: Number(BigInt.asIntN(64, request.exact64(8))),
    whence: request.u32(16),
  }),
  text: ({ fh, offset, whence }) => `fh ${fh} off ${offset} whence ${whence}`,
  call: (fs, { fh, offset, whence }, at) => fs.lseek(fh, offset, whence, at.caller),
  encode(offset, reply) {
    reply.u64(0, offset)
    return FUSE_LSEEK_OUT_SIZE
  },
})

export const FALLOCATE = row<number, number>({
  name: 'FALLOCATE',
  size: 32,
  room: 0,
  decode: request => request.u64(0),
  text: fh => `fh ${fh}`,
  call: (fs, fh) => fs.fallocate(fh),
  encode: nothing,
})

/** The host asks before it copies by itself, page by page. */
export const COPY_FILE_RANGE = row<{ from: number; to: number }, number>({
  name: 'COPY_FILE_RANGE',
  size: 56,
  room: FUSE_WRITE_OUT_SIZE,
  decode: request => ({ from: request.u64(0), to: request.u64(24) }),
  text: ({ from, to }) => `fh ${from} to fh ${to}`,
  call: (fs, { from, to }) => fs.copyFileRange(from, to),
  encode: nothing,
})

interface IoctlIn {
  fh: number
  flags: number
  cmd: number
  arg: bigint
}

// The driver reaches the caller's memory itself, so no data travels with the reply.
export const IOCTL = row<IoctlIn, { result: number }>({
  name: 'IOCTL',
  size: 32,
  room: FUSE_IOCTL_OUT_SIZE,
  tellsENOSYS: true,
  decode: request => ({
    fh: request.u64(0),
    flags: request.u32(8),
    cmd: request.u32(12),
    arg: request.exact64(16),
  }),
  text: ({ fh, cmd, arg }) =>
    `fh ${fh} cmd 0x${cmd.toString(16)} arg 0x${arg.toString(16)}`,
  call: (fs, { fh, cmd, arg, flags }, at) => fs.ioctl(fh, cmd, arg, flags, at.caller),
  encode({ result }, reply) {
    reply.zero(0, FUSE_IOCTL_OUT_SIZE)
    reply.u32(0, result)
    return FUSE_IOCTL_OUT_SIZE
  },
})

interface PollIn {
  fh: number
  kh: bigint | undefined
  events: number
}

export const POLL = row<PollIn, number>({
  name: 'POLL',
  size: 24,
  room: FUSE_POLL_OUT_SIZE,
  counts: true,
  decode: request => ({
    fh: request.u64(0),
    kh: request.u32(16) & FUSE_POLL_SCHEDULE_NOTIFY ? request.exact64(8) : undefined,
    events: request.u32(20),
  }),
  text: ({ fh, kh, events }) =>
    `fh ${fh} kh ${kh ?? '-'} events 0x${events.toString(16)}`,
  call: (fs, { fh, events, kh }, at) => fs.poll(fh, events, kh, at.caller),
  encode(events, reply) {
    reply.u32(0, events)
    reply.u32(4, 0)
    return FUSE_POLL_OUT_SIZE
  },
})

export const OPENDIR = row<number, Opened>({
  name: 'OPENDIR',
  size: 8,
  room: FUSE_OPEN_OUT_SIZE,
  decode: request => request.u32(0),
  call: (fs, _flags, at) => fs.opendir(at.nodeid, at.caller),
  encode: encodeOpened,
})

function readdirRow(name: string, plus: boolean): Operation {
  return row<DirectoryPage, number>({
    name,
    size: 40,
    room: 0,
    decode: (request: Request, reply: Reply) =>
      new DirectoryPage(reply, request.u64(0), request.u64(8), request.u32(16), plus),
    text: ({ fh, offset, size }) => `fh ${fh} off ${offset} size ${size}`,
    call: (fs, page, at) =>
      fs.readdir(page.fh, page.offset, plus, entry => page.take(entry), at.caller),
    detach: page => page.detach(),
    reply: page => page.reply,
    encode: (_status, _reply, page) => page.used,
  })
}

export const READDIR = readdirRow('READDIR', false)
export const READDIRPLUS = readdirRow('READDIRPLUS', true)

export const RELEASEDIR = row<number, number>({
  name: 'RELEASEDIR',
  size: 24,
  room: 0,
  decode: request => request.u64(0),
  text: fh => `fh ${fh}`,
  call(fs, fh) {
    fs.releasedir(fh)
    return 0
  },
  encode: nothing,
})

/** Folders of a kernel are never on a disk: they are always in order. */
export const FSYNCDIR = row<number, number>({
  name: 'FSYNCDIR',
  size: 16,
  room: 0,
  decode: request => request.u64(0),
  call: () => 0,
  encode: nothing,
})
