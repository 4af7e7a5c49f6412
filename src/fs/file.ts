// An open file. Linux: struct file, fs/file_table.c.

import {
  FMODE_ATOMIC_POS,
  FMODE_LSEEK,
  FMODE_PREAD,
  FMODE_PWRITE,
  FMODE_READ,
  FMODE_WRITE,
  type file,
  type file_operations,
} from '../include/linux/fs.ts'
import { O_ACCMODE, O_RDONLY, O_RDWR, O_WRONLY } from '../include/uapi/fcntl.ts'
import type { Inode, Owner } from './inode.ts'

const MODE_OF_FLAGS: Record<number, number> = {
  [O_RDONLY]: FMODE_READ,
  [O_WRONLY]: FMODE_WRITE,
  [O_RDWR]: FMODE_READ | FMODE_WRITE,
}

export class OpenFile implements file {
  readonly f_inode: Inode
  readonly f_path: string
  /** Who opened it. */
  readonly f_cred: Owner
  f_op: file_operations
  f_flags: number
  f_mode: number
  f_pos = 0
  private_data: unknown = undefined
  /** Descriptors and mapped areas that hold it open. */
  f_count = 1

  constructor(inode: Inode, flags: number, cred: Owner) {
    this.f_inode = inode
    this.f_path = inode.path
    this.f_cred = cred
    this.f_op = inode.i_fop
    this.f_flags = flags
    this.f_mode =
      (MODE_OF_FLAGS[flags & O_ACCMODE] ?? 0) |
      FMODE_LSEEK |
      FMODE_PREAD |
      FMODE_PWRITE |
      FMODE_ATOMIC_POS
  }
}
