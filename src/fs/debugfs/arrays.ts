// Files in debugfs that show several values: bytes, an array, registers. Linux: fs/debugfs/file.c.

import type {
  debugfs_blob_wrapper,
  debugfs_regset32,
  debugfs_u32_array,
  dentry,
} from '../../include/linux/debugfs.ts'
import type { file_operations } from '../../include/linux/fs.ts'
import type { errno_t, umode_t } from '../../include/linux/types.ts'
import { encodeText } from '../../lib/kmsg.ts'
import { vsnprintf } from '../../lib/vsprintf.ts'
import {
  default_llseek,
  no_llseek,
  nonseekable_open,
  simple_read_from_buffer,
} from '../libfs.ts'
import { text_file_operations } from '../text_file.ts'
import type { DebugFs, Parent } from './inode.ts'

export class DebugFsArrays {
  static readonly EXPORT_SYMBOL_GPL = [
    'debugfs_create_blob',
    'debugfs_create_u32_array',
    'debugfs_create_regset32',
  ] as const

  readonly #debugfs: DebugFs

  constructor(debugfs: DebugFs) {
    this.#debugfs = debugfs
  }

  debugfs_create_blob(
    name: string,
    mode: umode_t,
    parent: Parent,
    blob: debugfs_blob_wrapper,
  ): dentry | errno_t {
    return this.#debugfs.debugfs_create_file(name, mode, parent, blob, {
      read: (_filp, buf, count, pos) =>
        simple_read_from_buffer(buf, count, pos, blob.data, blob.size),
      llseek: default_llseek,
    })
  }

  debugfs_create_u32_array(
    name: string,
    mode: umode_t,
    parent: Parent,
    array: debugfs_u32_array,
  ): void {
    const fops: file_operations<Uint8Array> = {
      open(inode, filp) {
        const shown = Array.from(array.array.subarray(0, array.n_elements))
        filp.private_data = encodeText(`${shown.join(' ')}\n`)
        return nonseekable_open(inode, filp)
      },
      read: ({ private_data: text }, buf, count, pos) =>
        simple_read_from_buffer(buf, count, pos, text, text.length),
      llseek: no_llseek,
    }
    this.#debugfs.debugfs_create_file(name, mode, parent, array, fops)
  }

  debugfs_create_regset32(
    name: string,
    mode: umode_t,
    parent: Parent,
    regset: debugfs_regset32,
  ): void {
    const fops = text_file_operations({ show: () => show(regset) })
    delete fops.write
    this.#debugfs.debugfs_create_file(name, mode, parent, regset, fops)
  }
}

function show({ regs, nregs, base }: debugfs_regset32): string {
  const memory = new DataView(base.buffer, base.byteOffset, base.byteLength)
  return regs
    .slice(0, nregs)
    .map(({ name, offset }) => {
      const value = memory.getUint32(offset, true)
      return vsnprintf('%s = 0x%08x\n', [name, value])
    })
    .join('')
}
