// Paths to inodes, and who may do what with them. Linux: fs/namei.c.

import { EACCES, ELOOP, ENOENT, ENOTDIR } from '../include/linux/errno.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Inode, Owner } from './inode.ts'

export const MAY_EXEC = 1
export const MAY_WRITE = 2
export const MAY_READ = 4

/** Symbolic links that one path may go through. */
const MAXSYMLINKS = 40

/** May `cred` do what `mask` says? Root may all, but execute only what is executable. */
export function inode_permission(inode: Inode, mask: number, cred: Owner): errno_t {
  const { i_mode: mode } = inode
  if (cred.uid === 0) {
    const executable = inode.isDirectory || (mode & 0o111) !== 0
    return mask & MAY_EXEC && !executable ? -EACCES : 0
  }
  const shift = cred.uid === inode.i_uid ? 6 : cred.gid === inode.i_gid ? 3 : 0
  return ((mode >> shift) & mask) === mask ? 0 : -EACCES
}

/** The inode at `path`, seen from `root`; links are followed, the last one only if `follow`. */
export function path_lookup(
  root: Inode,
  path: string,
  cred: Owner,
  follow = true,
): Inode | errno_t {
  const rest = path.split('/').filter(Boolean)
  let node = root
  let links = 0
  while (rest.length > 0) {
    const name = rest.shift() ?? ''
    if (!node.isDirectory) return -ENOTDIR
    const err = inode_permission(node, MAY_EXEC, cred)
    if (err) return err
    const next = step(node, name)
    if (!next) return -ENOENT
    if (next.i_link === undefined || (rest.length === 0 && !follow)) {
      node = next
      continue
    }
    if (++links > MAXSYMLINKS) return -ELOOP
    if (next.i_link.startsWith('/')) node = root
    rest.unshift(...next.i_link.split('/').filter(Boolean))
  }
  return node
}

function step(node: Inode, name: string): Inode | undefined {
  if (name === '.') return node
  if (name === '..') return node.parent ?? node
  return node.child(name)
}
