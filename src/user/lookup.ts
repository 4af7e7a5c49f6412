// The inode that open(2) of a path is about, found or made. Linux: fs/namei.c.

import { EEXIST, EISDIR, ENOENT, ENOTDIR } from '../include/linux/errno.ts'
import {
  O_ACCMODE,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_PATH,
  O_RDONLY,
  O_WRONLY,
} from '../include/uapi/fcntl.ts'
import type { Inode, Owner } from '../fs/inode.ts'
import { inode_permission, MAY_READ, MAY_WRITE, path_lookup } from '../fs/namei.ts'

/** The inode, or an error. */
export function open_lookup(
  root: Inode,
  path: string,
  flags: number,
  mode: number,
  cred: Owner,
): Inode | number {
  const found = path_lookup(root, path, cred)
  if (flags & O_CREAT && !(flags & O_PATH)) {
    if (found === -ENOENT) return create(root, path, mode, cred)
    if (typeof found !== 'number' && flags & O_EXCL) return -EEXIST
  }
  if (typeof found === 'number') return found
  if (flags & O_DIRECTORY && !found.isDirectory) return -ENOTDIR
  if (flags & O_PATH) return found
  if (found.isDirectory && (flags & O_ACCMODE) !== O_RDONLY) return -EISDIR
  return inode_permission(found, accessOf(flags), cred) || found
}

/** The fourth access mode, 3, asks for both and gives neither. */
function accessOf(flags: number): number {
  const access = flags & O_ACCMODE
  return (access === O_WRONLY ? 0 : MAY_READ) | (access === O_RDONLY ? 0 : MAY_WRITE)
}

function create(root: Inode, path: string, mode: number, cred: Owner): Inode | number {
  const slash = path.lastIndexOf('/')
  const dir = path_lookup(root, path.slice(0, slash), cred)
  if (typeof dir === 'number') return dir
  const err = inode_permission(dir, MAY_WRITE, cred)
  if (err) return err
  const { i_op } = dir
  return (
    i_op.create?.(dir, path.slice(slash + 1), mode, cred) ??
    i_op.createRefusal ??
    i_op.refusal
  )
}
