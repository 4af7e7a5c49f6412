// Files for looking into a driver while it runs, below /sys/kernel/debug.
// Implemented in fs/debugfs/. Linux: include/linux/debugfs.h.
//
// Whatever a call answers may be handed on as `parent`: null is the root of debugfs, and below an
// error nothing is made.
import type { DebugFsArrays } from '../../fs/debugfs/arrays.ts'
import type { DebugFsFiles } from '../../fs/debugfs/file.ts'
import type { DebugFs } from '../../fs/debugfs/inode.ts'
import type { SimpleAttributes } from '../../fs/simple_attr.ts'
import type * as libfs from '../../fs/libfs.ts'
import type { file_operations } from './fs.ts'
import type { attr_get, attr_set } from './simple_attr.ts'

/** A file or directory of debugfs. */
export interface dentry {
  readonly name: string
}

/** Bytes that a file shows; both may change later. */
export interface debugfs_blob_wrapper {
  data: Uint8Array
  size: number
}

/** Numbers that a file shows in one line. */
export interface debugfs_u32_array {
  array: Uint32Array
  n_elements: number
}

/** One register: its offset from `base`, in bytes. */
export interface debugfs_reg32 {
  name: string
  offset: number
}

/** Registers of 32 bits, little-endian. */
export interface debugfs_regset32 {
  regs: readonly debugfs_reg32[]
  nregs: number
  base: Uint8Array
}

declare const no_llseek: typeof libfs.no_llseek
declare const simple_attr_open: SimpleAttributes['simple_attr_open']
declare const simple_attr_release: SimpleAttributes['simple_attr_release']
/** @internal */
export declare const debugfs_attr_read: SimpleAttributes['debugfs_attr_read']
/** @internal */
export declare const debugfs_attr_write: SimpleAttributes['debugfs_attr_write']
/** @internal */
export declare const debugfs_attr_write_signed: SimpleAttributes['debugfs_attr_write_signed']

/**
 * `const foo_fops = DEFINE_DEBUGFS_ATTRIBUTE(get, set, '%llu\n')`: a file that is one number;
 * null for what is not there: that gives EACCES.
 */
export function DEFINE_DEBUGFS_ATTRIBUTE<T>(
  get: attr_get<T> | null,
  set: attr_set<T> | null,
  fmt: string,
): file_operations {
  return {
    owner: __this_module,
    open: (inode, filp) => simple_attr_open(inode, filp, get, set, fmt),
    release: (inode, filp) => simple_attr_release(inode, filp),
    read: (filp, buf, count, pos) => debugfs_attr_read(filp, buf, count, pos),
    write: (filp, buf, count, pos) => debugfs_attr_write(filp, buf, count, pos),
    llseek: (filp, offset, whence) => no_llseek(filp, offset, whence),
  }
}

/** The same for numbers with a sign, such as '%lld\n'. */
export function DEFINE_DEBUGFS_ATTRIBUTE_SIGNED<T>(
  get: attr_get<T> | null,
  set: attr_set<T> | null,
  fmt: string,
): file_operations {
  return {
    ...DEFINE_DEBUGFS_ATTRIBUTE(get, set, fmt),
    write: (filp, buf, count, pos) => debugfs_attr_write_signed(filp, buf, count, pos),
  }
}

/** A directory; -EEXIST if there is something of that name. */
export declare const debugfs_create_dir: DebugFs['debugfs_create_dir']
/** A file with operations of its own; `data` is its inode's i_private. */
export declare const debugfs_create_file: DebugFs['debugfs_create_file']
/** The same here: every file is safe. */
export declare const debugfs_create_file_unsafe: DebugFs['debugfs_create_file_unsafe']
/** A symbolic link to the path `target`. */
export declare const debugfs_create_symlink: DebugFs['debugfs_create_symlink']
/** Remove a file, or a directory with all that is in it. Errors and null are all right. */
export declare const debugfs_remove: DebugFs['debugfs_remove']
/** What is called `name` in `parent`; null if nothing is. */
export declare const debugfs_lookup: DebugFs['debugfs_lookup']
export declare const debugfs_lookup_and_remove: DebugFs['debugfs_lookup_and_remove']
/** Move what is `old` in `old_dir`: it, or an error. */
export declare const debugfs_rename: DebugFs['debugfs_rename']
export declare const debugfs_initialized: DebugFs['debugfs_initialized']
/** A file that shows and sets a number of 8 bits, in decimal; what does not fit is cut off. */
export declare const debugfs_create_u8: DebugFsFiles['debugfs_create_u8']
export declare const debugfs_create_u16: DebugFsFiles['debugfs_create_u16']
export declare const debugfs_create_u32: DebugFsFiles['debugfs_create_u32']
export declare const debugfs_create_u64: DebugFsFiles['debugfs_create_u64']
export declare const debugfs_create_ulong: DebugFsFiles['debugfs_create_ulong']
export declare const debugfs_create_size_t: DebugFsFiles['debugfs_create_size_t']
/** The same in hexadecimal, with as many digits as the type has. */
export declare const debugfs_create_x8: DebugFsFiles['debugfs_create_x8']
export declare const debugfs_create_x16: DebugFsFiles['debugfs_create_x16']
export declare const debugfs_create_x32: DebugFsFiles['debugfs_create_x32']
export declare const debugfs_create_x64: DebugFsFiles['debugfs_create_x64']
/** With a sign. */
export declare const debugfs_create_atomic_t: DebugFsFiles['debugfs_create_atomic_t']
/** Y or N; what is neither is ignored. */
export declare const debugfs_create_bool: DebugFsFiles['debugfs_create_bool']
/** Bytes, to be read only. */
export declare const debugfs_create_blob: DebugFsArrays['debugfs_create_blob']
/** "1 2 30 4", as it is when the file is opened. */
export declare const debugfs_create_u32_array: DebugFsArrays['debugfs_create_u32_array']
/** A line "name = 0x00000000" for each register. */
export declare const debugfs_create_regset32: DebugFsArrays['debugfs_create_regset32']

export const debugfs_remove_recursive = (entry: dentry | number | null): void =>
  debugfs_remove(entry)
