// The rows of operations.ts that are about names and nodes, open or not.

import {
  FATTR_ATIME,
  FATTR_ATIME_NOW,
  FATTR_FH,
  FATTR_GID,
  FATTR_MODE,
  FATTR_MTIME,
  FATTR_MTIME_NOW,
  FATTR_SIZE,
  FATTR_UID,
  FUSE_ATTR_OUT_SIZE,
  FUSE_ENTRY_OUT_SIZE,
  FUSE_GETATTR_FH,
  FUSE_GETXATTR_OUT_SIZE,
  FUSE_OPEN_OUT_SIZE,
  FUSE_OUT_HEADER_SIZE,
  FUSE_STATFS_OUT_SIZE,
} from '../include/uapi/fuse.ts'
import type { Reply, Request } from './codec.ts'
import type {
  AttributeChanges,
  Attributes,
  Entry,
  FileSystemStatistics,
  Opened,
} from './filesystem.ts'
import { nothing, row } from './operation.ts'

/** The longest target of a symbolic link. */
const PATH_MAX = 4096

function encodeEntry(entry: Entry, reply: Reply): number {
  reply.entry(0, entry)
  return FUSE_ENTRY_OUT_SIZE
}

function encodeAttributes(attributes: Attributes, reply: Reply): number {
  reply.zero(0, FUSE_ATTR_OUT_SIZE)
  reply.attr(FUSE_ATTR_OUT_SIZE - 88, attributes)
  return FUSE_ATTR_OUT_SIZE
}

const quoted = (name: string): string => JSON.stringify(name)

export const LOOKUP = row<string, Entry>({
  name: 'LOOKUP',
  size: 1,
  room: FUSE_ENTRY_OUT_SIZE,
  decode: request => request.string(0),
  text: quoted,
  call: (fs, name, at) => fs.lookup(at.nodeid, name, at.caller),
  encode: encodeEntry,
})

export const GETATTR = row<{ fh: number | undefined }, Attributes>({
  name: 'GETATTR',
  size: 16,
  room: FUSE_ATTR_OUT_SIZE,
  decode: request => ({
    fh: request.u32(0) & FUSE_GETATTR_FH ? request.u64(8) : undefined,
  }),
  text: ({ fh }) => (fh === undefined ? '' : `fh ${fh}`),
  call: (fs, { fh }, at) => fs.getattr(at.nodeid, fh, at.caller),
  encode: encodeAttributes,
})

interface SetattrIn {
  fh: number | undefined
  changes: AttributeChanges
}

function decodeSetattr(request: Request): SetattrIn {
  const valid = request.u32(0)
  const changes: AttributeChanges = {}
  if (valid & FATTR_MODE) changes.mode = request.u32(68)
  if (valid & FATTR_UID) changes.uid = request.u32(76)
  if (valid & FATTR_GID) changes.gid = request.u32(80)
  if (valid & FATTR_SIZE) changes.size = request.u64(16)
  if (valid & FATTR_ATIME) changes.atime = milliseconds(request, 32, 56)
  if (valid & FATTR_MTIME) changes.mtime = milliseconds(request, 40, 60)
  if (valid & FATTR_ATIME_NOW) changes.atime = 'now'
  if (valid & FATTR_MTIME_NOW) changes.mtime = 'now'
  return { fh: valid & FATTR_FH ? request.u64(8) : undefined, changes }
}

/** A time in two fields; before 1970 the seconds are negative. */
function milliseconds(request: Request, seconds: number, nanoseconds: number): number {
  const whole = Number(BigInt.asIntN(64, request.exact64(seconds)))
  return whole * 1000 + request.u32(nanoseconds) / 1e6
}

export const SETATTR = row<SetattrIn, Attributes>({
  name: 'SETATTR',
  size: 88,
  room: FUSE_ATTR_OUT_SIZE,
  decode: decodeSetattr,
  text: ({ changes }) => JSON.stringify(changes),
  call: (fs, { fh, changes }, at) => fs.setattr(at.nodeid, fh, changes, at.caller),
  encode: encodeAttributes,
})

export const READLINK = row<true, string>({
  name: 'READLINK',
  size: 0,
  room: PATH_MAX,
  decode: () => true,
  call: (fs, _, at) => fs.readlink(at.nodeid, at.caller),
  encode(target, reply) {
    const bytes = Buffer.from(target).subarray(0, PATH_MAX - 1)
    reply.bytes.set(bytes, FUSE_OUT_HEADER_SIZE)
    return bytes.length
  },
})

export const SYMLINK = row<[string, string], Entry>({
  name: 'SYMLINK',
  size: 2,
  room: FUSE_ENTRY_OUT_SIZE,
  decode: request => request.strings(0),
  text: ([name, target]) => `${quoted(name)} → ${quoted(target)}`,
  call: (fs, [name, target], at) => fs.symlink(at.nodeid, name, target, at.caller),
  encode: encodeEntry,
})

interface MakeIn {
  name: string
  mode: number
  rdev: number
}

function makeText({ name, mode }: MakeIn): string {
  return `${quoted(name)} mode 0${mode.toString(8)}`
}

export const MKNOD = row<MakeIn, Entry>({
  name: 'MKNOD',
  size: 17,
  room: FUSE_ENTRY_OUT_SIZE,
  decode(request) {
    const name = request.string(16)
    if (name === undefined) return undefined
    return { name, mode: request.u32(0), rdev: request.u32(4) }
  },
  text: makeText,
  call: (fs, { name, mode, rdev }, at) =>
    fs.mknod(at.nodeid, name, mode, rdev, at.caller),
  encode: encodeEntry,
})

export const MKDIR = row<MakeIn, Entry>({
  name: 'MKDIR',
  size: 9,
  room: FUSE_ENTRY_OUT_SIZE,
  decode(request) {
    const name = request.string(8)
    return name === undefined ? undefined : { name, mode: request.u32(0), rdev: 0 }
  },
  text: makeText,
  call: (fs, { name, mode }, at) => fs.mkdir(at.nodeid, name, mode, at.caller),
  encode: encodeEntry,
})

export const CREATE = row<
  { name: string; flags: number; mode: number },
  { entry: Entry; opened: Opened }
>({
  name: 'CREATE',
  size: 17,
  room: FUSE_ENTRY_OUT_SIZE + FUSE_OPEN_OUT_SIZE,
  decode(request) {
    const name = request.string(16)
    if (name === undefined) return undefined
    return { name, flags: request.u32(0), mode: request.u32(4) }
  },
  text: ({ name, flags }) => `${quoted(name)} flags 0${flags.toString(8)}`,
  call: (fs, { name, flags, mode }, at) =>
    fs.create(at.nodeid, name, flags, mode, at.caller),
  encode({ entry, opened }, reply) {
    reply.entry(0, entry)
    reply.opened(FUSE_ENTRY_OUT_SIZE, opened)
    return FUSE_ENTRY_OUT_SIZE + FUSE_OPEN_OUT_SIZE
  },
})

export const UNLINK = row<string, number>({
  name: 'UNLINK',
  size: 1,
  room: 0,
  decode: request => request.string(0),
  text: quoted,
  call: (fs, name, at) => fs.unlink(at.nodeid, name, at.caller),
  encode: nothing,
})

export const RMDIR = row<string, number>({
  name: 'RMDIR',
  size: 1,
  room: 0,
  decode: request => request.string(0),
  text: quoted,
  call: (fs, name, at) => fs.rmdir(at.nodeid, name, at.caller),
  encode: nothing,
})

interface RenameIn {
  newParent: number
  flags: number
  names: [string, string]
}

function decodeRename(
  request: Request,
  flags: number,
  offset: number,
): RenameIn | undefined {
  const names = request.strings(offset)
  return names && { newParent: request.u64(0), flags, names }
}

const renaming = {
  room: 0,
  text: ({ newParent, names }: RenameIn) =>
    `${quoted(names[0])} to n${newParent} ${quoted(names[1])}`,
  encode: nothing,
}

export const RENAME = row<RenameIn, number>({
  ...renaming,
  name: 'RENAME',
  size: 10,
  decode: request => decodeRename(request, 0, 8),
  call: (fs, { newParent, names }, at) =>
    fs.rename(at.nodeid, names[0], newParent, names[1], 0, at.caller),
})

export const RENAME2 = row<RenameIn, number>({
  ...renaming,
  name: 'RENAME2',
  size: 18,
  decode: request => decodeRename(request, request.u32(8), 16),
  call: (fs, { newParent, names, flags }, at) =>
    fs.rename(at.nodeid, names[0], newParent, names[1], flags, at.caller),
})

export const LINK = row<{ nodeid: number; name: string }, Entry>({
  name: 'LINK',
  size: 9,
  room: FUSE_ENTRY_OUT_SIZE,
  decode(request) {
    const name = request.string(8)
    return name === undefined ? undefined : { nodeid: request.u64(0), name }
  },
  text: ({ nodeid, name }) => `n${nodeid} as ${quoted(name)}`,
  call: (fs, { nodeid, name }, at) => fs.link(nodeid, at.nodeid, name, at.caller),
  encode: encodeEntry,
})

export const ACCESS = row<number, number>({
  name: 'ACCESS',
  size: 8,
  room: 0,
  decode: request => request.u32(0),
  text: mask => `mask ${mask}`,
  call: (fs, mask, at) => fs.access(at.nodeid, mask, at.caller),
  encode: nothing,
})

export const STATFS = row<true, FileSystemStatistics>({
  name: 'STATFS',
  size: 0,
  room: FUSE_STATFS_OUT_SIZE,
  decode: () => true,
  call: (fs, _, at) => fs.statfs(at.nodeid),
  encode(statistics, reply) {
    reply.statfs(0, statistics)
    return FUSE_STATFS_OUT_SIZE
  },
})

/** No file has extended attributes. Asked for the size of the list, the answer is a struct. */
export const LISTXATTR = row<number, number>({
  name: 'LISTXATTR',
  size: 8,
  room: FUSE_GETXATTR_OUT_SIZE,
  counts: true,
  decode: request => request.u32(0),
  call: () => 0,
  encode(_none, reply, size) {
    if (size > 0) return 0
    reply.zero(0, FUSE_GETXATTR_OUT_SIZE)
    return FUSE_GETXATTR_OUT_SIZE
  },
})
