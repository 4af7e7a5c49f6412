// Files in /proc that drivers make. Implemented in fs/proc/generic.ts and fs/proc/inode.ts.
// Linux: include/linux/proc_fs.h.
import type { ProcFs } from '../../fs/proc/generic.ts'
import type { EXPORT_SYMBOL } from '../../fs/proc/entry.ts'
import type { file, file_operations, inode } from './fs.ts'
import type { seq_file, seq_operations } from './seq_file.ts'
import type { errno_t, MaybePromise, umode_t } from './types.ts'

/** A name in /proc. */
export interface proc_dir_entry {
  readonly name: string
}

/** What a driver does with its files in /proc. All are optional, as in file_operations. */
export interface proc_ops<T = file['private_data']> {
  proc_open?: NonNullable<file_operations<T>['open']>
  proc_read?: NonNullable<file_operations<T>['read']>
  proc_write?: NonNullable<file_operations<T>['write']>
  proc_lseek?: NonNullable<file_operations<T>['llseek']>
  /** Also called when the entry is removed while it is open; then never again. */
  proc_release?: NonNullable<file_operations<T>['release']>
  proc_poll?: NonNullable<file_operations<T>['poll']>
  proc_ioctl?: NonNullable<file_operations<T>['unlocked_ioctl']>
  proc_mmap?: NonNullable<file_operations<T>['mmap']>
}

/**
 * A file `name` in `parent`, or in /proc for null. `name` may be a path whose directories are there.
 * A `mode` of 0 is 0444. The entry; null, with a warning, if the name is taken or is none.
 */
export declare const proc_create: ProcFs['proc_create']
/** As proc_create(), with `data` for pde_data(). */
export declare const proc_create_data: ProcFs['proc_create_data']
/** A file of records; `make` makes what is the seq_file's `private`, for each open file. */
export declare const proc_create_seq_private: ProcFs['proc_create_seq_private']
/** A file of one record; `data` is the seq_file's `private`. */
export declare const proc_create_single_data: ProcFs['proc_create_single_data']
export declare const proc_mkdir: ProcFs['proc_mkdir']
export declare const proc_mkdir_mode: ProcFs['proc_mkdir_mode']
/** A `mode` of 0 is 0555. */
export declare const proc_mkdir_data: ProcFs['proc_mkdir_data']
export declare const proc_symlink: ProcFs['proc_symlink']
/**
 * Remove an entry and all below it; null is fine. Waits for calls in progress; what is open is
 * released, and gives -EIO from now on.
 */
export declare const proc_remove: ProcFs['proc_remove']
/** As proc_remove(), by name; a warning if there is none, or if it is a directory with entries. */
export declare const remove_proc_entry: ProcFs['remove_proc_entry']
/** As proc_remove(), by name: 0, or -ENOENT. */
export declare const remove_proc_subtree: ProcFs['remove_proc_subtree']
/** The size that stat(2) shows. */
export declare const proc_set_size: ProcFs['proc_set_size']
export declare const proc_set_user: ProcFs['proc_set_user']
/** What the entry was made with. */
export declare const pde_data: (typeof EXPORT_SYMBOL)['pde_data']
/** What the directory above the entry was made with. */
export declare const proc_get_parent_data: (typeof EXPORT_SYMBOL)['proc_get_parent_data']

/** Its name until Linux 5.17. */
export const PDE_DATA = (inode: inode): unknown => pde_data(inode)

/** A file of records. */
export function proc_create_seq<T, P>(
  name: string,
  mode: umode_t,
  parent: proc_dir_entry | null,
  ops: seq_operations<T, P>,
): proc_dir_entry | null {
  return proc_create_seq_private(name, mode, parent, ops, undefined, null)
}

/** A file of records, with `data` for pde_data(). */
export function proc_create_seq_data<T, P>(
  name: string,
  mode: umode_t,
  parent: proc_dir_entry | null,
  ops: seq_operations<T, P>,
  data: unknown,
): proc_dir_entry | null {
  return proc_create_seq_private(name, mode, parent, ops, undefined, data)
}

/** A file of one record. */
export function proc_create_single(
  name: string,
  mode: umode_t,
  parent: proc_dir_entry | null,
  show: (m: seq_file, v: unknown) => MaybePromise<errno_t>,
): proc_dir_entry | null {
  return proc_create_single_data(name, mode, parent, show, null)
}
