// An open file. Linux: struct file, fs/file_table.c.

import type { cdev } from '../include/linux/cdev.ts'
import {
  FMODE_ATOMIC_POS,
  FMODE_LSEEK,
  FMODE_PATH,
  FMODE_PREAD,
  FMODE_PWRITE,
  FMODE_READ,
  FMODE_WRITE,
  type file,
  type file_operations,
} from '../include/linux/fs.ts'
import {
  F_OWNER_PID,
  O_ACCMODE,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
} from '../include/uapi/fcntl.ts'
import { S_ISREG } from '../include/uapi/stat.ts'
import type { SignalTarget } from '../kernel/pid.ts'
import { AnonInode, type Inode, type Owner } from './inode.ts'

const MODE_OF_FLAGS: Record<number, number> = {
  [O_RDONLY]: FMODE_READ,
  [O_WRONLY]: FMODE_WRITE,
  [O_RDWR]: FMODE_READ | FMODE_WRITE,
}

/** Who gets the signals of a file, as F_SETOWN and F_SETSIG say. */
export interface FileOwner {
  /** F_OWNER_PID … */
  readonly type: number
  /** 0: nobody. */
  readonly pid: number
  /** Whom a signal goes to: a process, or those that are in a group then. */
  readonly targets: () => readonly SignalTarget[]
  /** Who said so. */
  readonly uid: number
  /** 0 is SIGIO. */
  signum: number
}

const NOBODY = { type: F_OWNER_PID, pid: 0, targets: () => [], uid: 0, signum: 0 }

export class OpenFile implements file {
  readonly f_inode: Inode
  readonly f_path: string
  /** Who opened it. */
  readonly f_cred: Owner
  f_op: file_operations
  /** What `f_op` was when its driver had opened it. */
  opened_with: file_operations | undefined = undefined
  /** Of a character device: its reference is given back when the file closes. */
  opened_from: cdev | undefined = undefined
  f_flags: number
  f_mode: number
  f_pos = 0
  f_owner: FileOwner = { ...NOBODY }
  private_data: unknown = undefined
  /** The epolls that watch it. */
  f_ep: Set<{ forget(file: OpenFile): void }> | undefined = undefined
  /** Descriptors, mapped areas and calls that hold it open. */
  f_count = 1

  constructor(inode: Inode, flags: number, cred: Owner) {
    this.f_inode = inode
    this.f_path = inode.path
    this.f_cred = cred
    this.f_op = flags & O_PATH ? {} : inode.i_fop
    this.f_flags = flags
    this.f_mode = modeOf(inode, flags)
  }
}

/** O_PATH gives a file that only stands for a place in the tree. */
function modeOf(inode: Inode, flags: number): number {
  if (flags & O_PATH) return FMODE_PATH
  const mode = MODE_OF_FLAGS[flags & O_ACCMODE] ?? 0
  if (inode instanceof AnonInode) return mode // has no positions
  return (
    mode |
    FMODE_LSEEK |
    FMODE_PREAD |
    FMODE_PWRITE |
    (S_ISREG(inode.i_mode) ? FMODE_ATOMIC_POS : 0)
  )
}
