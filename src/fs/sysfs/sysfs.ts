// /sys: directories of kernel objects, with one small file an attribute. Linux: fs/sysfs/.

import { EACCES, EPERM } from '../../include/linux/errno.ts'
import { FMODE_READ, FMODE_WRITE } from '../../include/linux/fs.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import { S_IFREG, S_IRUGO, S_IWUGO } from '../../include/linux/stat.ts'
import {
  directory,
  Inode,
  type inode_operations,
  relativePath,
  simple_setattr,
  symlink,
} from '../inode.ts'
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
    return dir.add(
      name,
      new Inode({
        mode: S_IFREG | attribute.mode,
        size: attribute.size ?? PAGE_SIZE,
        fop: sysfs_file_operations(attribute),
        op: sysfs_inode_operations,
      }),
    )
  }

  /** A symbolic link in `dir` to a directory of this tree. */
  link(dir: Inode, name: string, target: Inode): Inode {
    return dir.add(name, symlink(relativePath(dir, target), sysfs_inode_operations))
  }
}

function sysfs_file_operations({ show, store }: Attribute): Inode['i_fop'] {
  const text = text_file_operations({
    ...(show ? { show } : {}),
    ...(store ? { store } : {}),
  })
  return {
    ...text,
    // Here even root is held to the mode bits.
    open(inode, filp) {
      if (filp.f_mode & FMODE_WRITE && !(inode.i_mode & S_IWUGO)) return -EACCES
      if (filp.f_mode & FMODE_READ && !(inode.i_mode & S_IRUGO)) return -EACCES
      return text.open?.(inode, filp) ?? 0
    },
  }
}
