// /sys: directories of kernel objects, with one small file an attribute. Linux: fs/sysfs/.

import { EACCES, EIO, ENODEV, EPERM } from '../../include/linux/errno.ts'
import {
  FMODE_READ,
  FMODE_WRITE,
  type file_operations,
  type inode,
} from '../../include/linux/fs.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import { S_IFREG, S_IRUGO, S_IWUGO } from '../../include/linux/stat.ts'
import {
  EPOLLERR,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDNORM,
  EPOLLWRNORM,
} from '../../include/uapi/poll.ts'
import {
  directory,
  Inode,
  type inode_operations,
  relativePath,
  simple_setattr,
  symlink,
} from '../inode.ts'
import { default_llseek, simple_read_from_buffer } from '../libfs.ts'
import { text_file_operations } from '../text_file.ts'

const PAGE_SIZE = 4096

const sysfs_inode_operations: inode_operations = {
  refusal: -EPERM,
  createRefusal: -EACCES,
  setattr: (node, changes) => simple_setattr(node, changes),
}

/** One file in /sys: `show` without `store` can be read only, and the other way round. */
export interface Attribute {
  mode: number
  /** Size in `ls -l`; a page unless told otherwise. */
  size?: number
  show?: () => MaybePromise<string | errno_t>
  /** All that one write(2) carried; 0 or its length when taken, or an error. */
  store?: (text: string) => MaybePromise<number>
}

export class SysFs {
  readonly root = directory(0o555, sysfs_inode_operations)

  /** A directory below `parent`, which may be a path from the root: made if it is not there. */
  mkdir(parent: Inode | string, name: string): Inode {
    const dir = this.dir(parent)
    return dir.child(name) ?? dir.add(name, directory(0o755, sysfs_inode_operations))
  }

  /** The directory at `path`, which is made if need be. */
  dir(path: Inode | string): Inode {
    if (typeof path !== 'string') return path
    return path
      .split('/')
      .filter(Boolean)
      .reduce((dir, name) => this.mkdir(dir, name), this.root)
  }

  attribute(dir: Inode, name: string, attribute: Attribute): Inode {
    const { mode, size = PAGE_SIZE } = attribute
    return this.file(dir, name, mode, this.#guarded(textOf(attribute)), size)
  }

  /** A file of `data.length` bytes that never change. Linux: struct bin_attribute. */
  bin_attribute(dir: Inode, name: string, mode: number, data: Uint8Array): Inode {
    const fop: file_operations = {
      read: (_filp, buf, count, pos) =>
        simple_read_from_buffer(buf, count, pos, data, data.length),
      llseek: default_llseek,
    }
    return this.file(dir, name, mode, this.#guarded(fop), data.length)
  }

  /** A file with operations of its own. */
  file(dir: Inode, name: string, mode: number, fop: file_operations, size = 0): Inode {
    const op = sysfs_inode_operations
    return dir.add(name, new Inode({ mode: S_IFREG | mode, size, fop, op }))
  }

  /** What holds for every attribute: its mode bits, and that it may be gone while it is open. */
  #guarded(fop: file_operations): file_operations {
    const guarded: file_operations = { ...fop, poll: filp => this.#poll(filp.f_inode) }
    // Here even root is held to the mode bits.
    guarded.open = (inode, filp) => {
      if (filp.f_mode & FMODE_WRITE && !(inode.i_mode & S_IWUGO)) return -EACCES
      if (filp.f_mode & FMODE_READ && !(inode.i_mode & S_IRUGO)) return -EACCES
      return fop.open?.(inode, filp) ?? 0
    }
    guarded.read = (filp, buf, count, pos) => {
      if (!this.#isThere(filp.f_inode)) return -ENODEV
      return fop.read?.(filp, buf, count, pos) ?? -EIO
    }
    guarded.write = (filp, buf, count, pos) => {
      if (!this.#isThere(filp.f_inode)) return -ENODEV
      return fop.write?.(filp, buf, count, pos) ?? -EIO
    }
    return guarded
  }

  /** An attribute is always ready; one that is gone says that, too. */
  #poll(inode: inode): number {
    const ready = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM
    return this.#isThere(inode) ? ready : ready | EPOLLERR | EPOLLPRI
  }

  /** Has neither the file nor a directory above it been removed? */
  #isThere(inode: inode): boolean {
    let at: Inode | undefined = inode as Inode
    while (at && at !== this.root) at = at.parent
    return at === this.root
  }

  /** A symbolic link in `dir` to a directory of this tree. */
  link(dir: Inode, name: string, target: Inode): Inode {
    return dir.add(name, symlink(relativePath(dir, target), sysfs_inode_operations))
  }
}

function textOf({ show, store }: Attribute): file_operations {
  return text_file_operations({
    ...(show ? { show } : {}),
    ...(store ? { store } : {}),
  })
}
