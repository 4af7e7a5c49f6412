// Files without a name, which drivers make. Linux: fs/anon_inodes.c.

import { ENOENT } from '../include/linux/errno.ts'
import { IS_ERR } from '../include/linux/err.ts'
import type { file, file_operations } from '../include/linux/fs.ts'
import type { module } from '../include/linux/module.ts'
import type { errno_t } from '../include/linux/types.ts'
import { O_ACCMODE, O_NONBLOCK } from '../include/uapi/fcntl.ts'
import type { Scheduler } from '../kernel/sched.ts'
import type { CurrentFiles } from './current_files.ts'
import { AnonInode } from './inode.ts'
import type { OpenFiles } from './open.ts'

interface Needs {
  sched: Scheduler
  files: OpenFiles
  descriptors: CurrentFiles
  modules: { try_module_get(module: module | undefined): boolean }
}

export class AnonInodes {
  static readonly EXPORT_SYMBOL_GPL = ['anon_inode_getfile', 'anon_inode_getfd'] as const
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Its module is held until the file is released. */
  anon_inode_getfile(
    name: string,
    fops: file_operations,
    priv: unknown,
    flags: number,
  ): file | errno_t {
    const { sched, files, modules } = this.#needs
    if (!modules.try_module_get(fops.owner)) return -ENOENT
    const { cred } = sched.current
    const inode = new AnonInode(`anon_inode:${name}`, fops, cred)
    const filp = files.alloc_file(inode, flags & (O_ACCMODE | O_NONBLOCK), cred)
    filp.private_data = priv
    return filp
  }

  anon_inode_getfd(
    name: string,
    fops: file_operations,
    priv: unknown,
    flags: number,
  ): number {
    const { descriptors } = this.#needs
    const fd = descriptors.get_unused_fd_flags(flags)
    if (fd < 0) return fd
    const filp = this.anon_inode_getfile(name, fops, priv, flags)
    if (IS_ERR(filp)) {
      descriptors.put_unused_fd(fd)
      return filp
    }
    descriptors.fd_install(fd, filp)
    return fd
  }
}
