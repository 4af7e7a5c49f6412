// The table: an opcode, and everything there is to know about it.
//
// An opcode without a row is answered ENOSYS, which tells the host not to ask again for as long
// as the mount lasts. That is meant for SETXATTR, GETXATTR and REMOVEXATTR (the
// host then says EOPNOTSUPP by itself, one request less for each file of `ls -l`), STATX
// (the host turns to GETATTR), locks (the host keeps them), BMAP,
// TMPFILE and SYNCFS. Nothing that some file may ever support can be left out.

import * as op from '../include/uapi/fuse.ts'
import * as file from './file_rows.ts'
import { encodeInit } from './negotiate.ts'
import type { InitIn, InitOut } from './negotiate.ts'
import * as node from './node_rows.ts'
import { nothing, row } from './operation.ts'
import type { Operation } from './operation.ts'
import { READ, WRITE } from './transfer.ts'

const INIT = row<InitIn, InitOut>({
  name: 'INIT',
  size: 16,
  room: op.FUSE_INIT_OUT_SIZE,
  decode: request => ({
    major: request.u32(0),
    minor: request.u32(4),
    flags: request.u32(12),
    flags2: request.size >= 20 ? request.u32(16) : 0,
  }),
  text: ({ major, minor, flags }) => `${major}.${minor} flags 0x${flags.toString(16)}`,
  call: (_fs, init, _at, conversation) => conversation.init(init),
  encode: encodeInit,
})

const DESTROY = row<true, number>({
  name: 'DESTROY',
  size: 0,
  room: 0,
  decode: () => true,
  call: (_fs, _none, _at, conversation) => conversation.destroy(),
  encode: nothing,
})

const INTERRUPT = row<number, number>({
  name: 'INTERRUPT',
  size: 8,
  room: 0,
  silent: true,
  decode: request => request.u64(0),
  text: unique => `of ${unique}`,
  call: (_fs, unique, _at, conversation) => conversation.interrupt(unique),
  encode: nothing,
})

const FORGET = row<number, number>({
  name: 'FORGET',
  size: 8,
  room: 0,
  silent: true,
  decode: request => request.u64(0),
  text: count => `count ${count}`,
  call(fs, count, at) {
    fs.forget(at.nodeid, count)
    return 0
  },
  encode: nothing,
})

const BATCH_FORGET = row<{ nodeid: number; count: number }[], number>({
  name: 'BATCH_FORGET',
  size: 8,
  room: 0,
  silent: true,
  decode(request) {
    const items = Math.min(request.u32(0), Math.floor((request.size - 8) / 16))
    return Array.from({ length: items }, (_, i) => ({
      nodeid: request.u64(8 + 16 * i),
      count: request.u64(16 + 16 * i),
    }))
  },
  text: list => `${list.length} nodes`,
  call(fs, list) {
    for (const { nodeid, count } of list) fs.forget(nodeid, count)
    return 0
  },
  encode: nothing,
})

export const operations: readonly (Operation | undefined)[] = tableOf({
  [op.FUSE_INIT]: INIT,
  [op.FUSE_DESTROY]: DESTROY,
  [op.FUSE_INTERRUPT]: INTERRUPT,
  [op.FUSE_FORGET]: FORGET,
  [op.FUSE_BATCH_FORGET]: BATCH_FORGET,

  [op.FUSE_LOOKUP]: node.LOOKUP,
  [op.FUSE_GETATTR]: node.GETATTR,
  [op.FUSE_SETATTR]: node.SETATTR,
  [op.FUSE_READLINK]: node.READLINK,
  [op.FUSE_SYMLINK]: node.SYMLINK,
  [op.FUSE_MKNOD]: node.MKNOD,
  [op.FUSE_MKDIR]: node.MKDIR,
  [op.FUSE_CREATE]: node.CREATE,
  [op.FUSE_UNLINK]: node.UNLINK,
  [op.FUSE_RMDIR]: node.RMDIR,
  [op.FUSE_RENAME]: node.RENAME,
  [op.FUSE_RENAME2]: node.RENAME2,
  [op.FUSE_LINK]: node.LINK,
  [op.FUSE_ACCESS]: node.ACCESS,
  [op.FUSE_STATFS]: node.STATFS,
  [op.FUSE_LISTXATTR]: node.LISTXATTR,

  [op.FUSE_OPEN]: file.OPEN,
  [op.FUSE_READ]: row(READ),
  [op.FUSE_WRITE]: row(WRITE),
  [op.FUSE_NOTIFY_REPLY]: file.NOTIFY_REPLY,
  [op.FUSE_FLUSH]: file.FLUSH,
  [op.FUSE_RELEASE]: file.RELEASE,
  [op.FUSE_FSYNC]: file.FSYNC,
  [op.FUSE_LSEEK]: file.LSEEK,
  [op.FUSE_FALLOCATE]: file.FALLOCATE,
  [op.FUSE_COPY_FILE_RANGE]: file.COPY_FILE_RANGE,
  [op.FUSE_IOCTL]: file.IOCTL,
  [op.FUSE_POLL]: file.POLL,
  [op.FUSE_OPENDIR]: file.OPENDIR,
  [op.FUSE_READDIR]: file.READDIR,
  [op.FUSE_READDIRPLUS]: file.READDIRPLUS,
  [op.FUSE_RELEASEDIR]: file.RELEASEDIR,
  [op.FUSE_FSYNCDIR]: file.FSYNCDIR,
})

/** As an array without holes, which the engine indexes fastest. */
function tableOf(rows: Record<number, Operation>): (Operation | undefined)[] {
  return Array.from({ length: op.FUSE_STATX + 1 }, (_, opcode) => rows[opcode])
}
