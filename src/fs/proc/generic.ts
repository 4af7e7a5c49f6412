// /proc: files that subsystems and drivers add. Linux: fs/proc/generic.c.

import { ENOENT, EPERM } from '../../include/linux/errno.ts'
import type { file_operations } from '../../include/linux/fs.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import { S_IFREG } from '../../include/uapi/stat.ts'
import type { ctl_table } from '../../kernel/sysctl.ts'
import type { OpenFile } from '../file.ts'
import {
  type Changes,
  directory,
  Inode,
  type inode_operations,
  simple_setattr,
} from '../inode.ts'
import { text_file_operations } from '../text_file.ts'

/**
 * Names in /proc come from the kernel only. Looking up a name that is not there is already the
 * error, so whatever would make one ends with it.
 */
const proc_inode_operations: inode_operations = {
  refusal: -ENOENT,
  unlink: () => -EPERM,
  rmdir: () => -EPERM,
  rename: () => -ENOENT,
  setattr: (node: Inode, changes: Changes) => simple_setattr(node, changes),
}

export class ProcFs {
  readonly root = directory(0o555, proc_inode_operations)

  /** A file with text of its own; `path` is relative to /proc, its directories are made. */
  create(
    path: string,
    mode: number,
    show: (filp: OpenFile) => MaybePromise<string | errno_t>,
    store?: (text: string, filp: OpenFile) => MaybePromise<number>,
  ): Inode {
    return this.create_file(
      path,
      mode,
      text_file_operations(store ? { show, store } : { show }),
    )
  }

  /** A file with operations of its own. */
  create_file(path: string, mode: number, fop: file_operations): Inode {
    const parts = path.split('/')
    const name = parts.pop() ?? ''
    let dir = this.root
    for (const part of parts) {
      dir = dir.child(part) ?? dir.add(part, directory(0o555, proc_inode_operations))
    }
    return dir.add(
      name,
      new Inode({ mode: S_IFREG | mode, fop, op: proc_inode_operations }),
    )
  }

  /** A file below /proc/sys. */
  create_sysctl(path: string, entry: ctl_table): void {
    const { write } = entry
    const mode = write ? 0o644 : 0o444
    this.create(`sys/${path}`, mode, () => `${entry.read()}\n`, write)
  }
}
