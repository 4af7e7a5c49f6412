// A file system that is nothing but memory: what /dev and /lib/modules stand on. Linux: fs/ramfs/.

import { EEXIST, EFAULT, EFBIG, ENOSPC, ENOTEMPTY } from '../include/linux/errno.ts'
import type { file_operations } from '../include/linux/fs.ts'
import type { errno_t } from '../include/linux/types.ts'
import { S_IFREG, S_ISREG } from '../include/uapi/stat.ts'
import { copy_from_user, copy_to_user } from '../lib/usercopy.ts'
import {
  type Changes,
  directory,
  Inode,
  type inode_operations,
  type Owner,
  simple_setattr,
  symlink,
} from './inode.ts'
import { O_APPEND, O_TRUNC } from '../include/uapi/fcntl.ts'
import { default_llseek } from './libfs.ts'

/** A file is no longer than this, in bytes: all of it is in memory, gaps too. */
const SIZE_MAX = 64 << 20

/** The bytes of a regular file; the first `i_size` of them count. */
function contents(node: Inode): Uint8Array {
  return node.i_private as Uint8Array
}

function resize(node: Inode, size: number): Uint8Array {
  const old = contents(node)
  if (size > old.length) {
    const grown = new Uint8Array(Math.max(size, old.length * 2))
    grown.set(old.subarray(0, node.i_size))
    node.i_private = grown
  } else {
    old.fill(0, size)
  }
  node.i_size = size
  return contents(node)
}

const ramfs_file_operations: file_operations = {
  open(_inode, filp) {
    const node = filp.f_inode as Inode
    if (filp.f_flags & O_TRUNC) resize(node, 0)
    return 0
  },
  read(filp, buf, count, pos) {
    const node = filp.f_inode as Inode
    const n = Math.max(0, Math.min(count, node.i_size - pos.value))
    if (copy_to_user(buf, contents(node).subarray(pos.value, pos.value + n), n))
      return -EFAULT
    pos.value += n
    return n
  },
  write(filp, buf, count, pos) {
    const node = filp.f_inode as Inode
    if (filp.f_flags & O_APPEND) pos.value = node.i_size
    const end = pos.value + count
    if (end > SIZE_MAX) return -ENOSPC
    const data = new Uint8Array(count)
    if (copy_from_user(data, buf, count)) return -EFAULT
    resize(node, Math.max(node.i_size, end)).set(data, pos.value)
    pos.value = end
    node.i_mtime = Date.now()
    return count
  },
  llseek: default_llseek,
}

export const ramfs_inode_operations: inode_operations = {
  refusal: -EEXIST,
  entrySize: 20, // as in tmpfs
  create: (dir, name, mode, owner) =>
    dir.add(name, ramfs_file(new Uint8Array(), mode, owner)),
  mknod: (dir, name, mode, rdev, owner) =>
    dir.add(
      name,
      S_ISREG(mode)
        ? ramfs_file(new Uint8Array(), mode, owner)
        : new Inode({ mode, rdev, owner, op: ramfs_inode_operations }),
    ),
  mkdir: (dir, name, mode, owner) =>
    dir.add(name, directory(mode & 0o7777, ramfs_inode_operations, owner)),
  symlink: (dir, name, target, owner) =>
    dir.add(name, symlink(target, ramfs_inode_operations, owner)),
  unlink(_dir, node) {
    node.remove()
    return 0
  },
  rmdir(_dir, node) {
    if (node.children && node.children.size > 0) return -ENOTEMPTY
    node.remove()
    return 0
  },
  rename(node, dir, name) {
    const target = dir.child(name)
    if (target?.children && target.children.size > 0) return -ENOTEMPTY
    target?.remove()
    node.remove()
    dir.add(name, node)
    return 0
  },
  setattr: ramfs_setattr,
}

function ramfs_setattr(node: Inode, changes: Changes): errno_t {
  if (changes.size !== undefined && S_ISREG(node.i_mode)) {
    if (changes.size > SIZE_MAX) return -EFBIG
    resize(node, changes.size)
  }
  return simple_setattr(node, changes)
}

/** A regular file; `mode` is its permission bits. */
export function ramfs_file(
  data: Uint8Array,
  mode: number,
  owner: Owner = { uid: 0, gid: 0 },
): Inode {
  return new Inode({
    mode: S_IFREG | (mode & 0o7777),
    size: data.length,
    cached: true,
    fop: ramfs_file_operations,
    op: ramfs_inode_operations,
    owner,
    data,
  })
}
