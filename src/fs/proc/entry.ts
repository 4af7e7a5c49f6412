// What /proc knows of a name: the file itself, who made it and with what, and who has it open.
// Linux: fs/proc/internal.h, struct proc_dir_entry.

import type { file, file_operations, inode } from '../../include/linux/fs.ts'
import { ENOENT, EPERM } from '../../include/linux/errno.ts'
import type { proc_dir_entry, proc_ops } from '../../include/linux/proc_fs.ts'
import { wait_queue_head } from '../../include/linux/wait.ts'
import { Inode, type inode_operations, simple_setattr } from '../inode.ts'

/**
 * Names in /proc come from the kernel only. Looking up a name that is not there is already the
 * error, so whatever would make one ends with it.
 */
const proc_inode_operations: inode_operations = {
  refusal: -ENOENT,
  blockSize: 1024,
  unlink: () => -EPERM,
  rmdir: () => -EPERM,
  rename: () => -ENOENT,
  setattr: (node, changes) => simple_setattr(node, changes),
}

interface Properties {
  mode: number
  data?: unknown
  /** What open files do. */
  fop?: file_operations
  /** What its driver does. */
  ops?: proc_ops
  target?: string
  size?: number
}

export class ProcEntry extends Inode implements proc_dir_entry {
  readonly ops: proc_ops
  /** It has been removed: nobody enters its driver any more. */
  gone = false
  /** Calls that are in its driver now. */
  in_use = 0
  /** Whoever removes it waits here for them. */
  readonly idle = new wait_queue_head()
  /** Open files whose driver wants to hear of their end. */
  readonly openers = new Set<file>()

  constructor({ ops = {}, ...properties }: Properties) {
    super({ ...properties, op: proc_inode_operations })
    this.ops = ops
  }
}

function pde_data(inode: inode): unknown {
  return inode.i_private
}

function proc_get_parent_data(inode: inode): unknown {
  return (inode as Inode).parent?.i_private
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = { pde_data, proc_get_parent_data }
