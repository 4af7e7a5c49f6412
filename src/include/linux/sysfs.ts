// Files in /sys: attributes, groups of them, attributes of bytes. Implemented in fs/sysfs/.
// Linux: include/linux/sysfs.h.
//
// Where C passes `&foo.attr` and finds foo again with container_of(), here foo itself is passed: it is
// anything that has an `attr`.
import type { SysfsFiles } from '../../fs/sysfs/file.ts'
import type { SysfsGroups } from '../../fs/sysfs/group.ts'
import type { file } from './fs.ts'
import type { kobject } from './kobject.ts'
import type { errno_t, loff_t, MaybePromise, size_t, ssize_t, umode_t } from './types.ts'

/** What a page has: a show() may fill one byte less, a store() gets as much at once. */
export const PAGE_SIZE = 4096

/** Name and permissions of one file. */
export interface attribute {
  readonly name: string
  mode: umode_t
}

/** A plain attribute, or something of the driver's that has one. */
export type any_attribute = attribute | { readonly attr: attribute }

/**
 * What a show() answers: the text, or how many bytes of the page `buf` it has filled, or an
 * error.
 */
export type shown = MaybePromise<string | ssize_t>

/** How the attributes of a kind of object are read and written. */
export interface sysfs_ops<A extends any_attribute = any_attribute> {
  show?(kobj: kobject, attr: A, buf: Uint8Array): shown
  /** `buf` is all that one write(2) carried, `count` its bytes; how many were used, or an error. */
  store?(kobj: kobject, attr: A, buf: string, count: size_t): MaybePromise<ssize_t>
}

/** A file of bytes, read and written piecemeal. `size` 0: as long as read() gives something. */
export interface bin_attribute {
  readonly attr: attribute
  size: size_t
  private?: unknown
  /** Fill `buf`, which has the `count` bytes to give, with those from `pos` on: how many. */
  read?(
    filp: file,
    kobj: kobject,
    attr: bin_attribute,
    buf: Uint8Array,
    pos: loff_t,
    count: size_t,
  ): MaybePromise<ssize_t>
  /** Take the `count` bytes of `buf` for those from `pos` on: how many were used. */
  write?(
    filp: file,
    kobj: kobject,
    attr: bin_attribute,
    buf: Uint8Array,
    pos: loff_t,
    count: size_t,
  ): MaybePromise<ssize_t>
}

/** Attributes that come and go together, in a directory of their own if they have a name. */
export interface attribute_group {
  readonly name?: string
  /** The mode that the file is to have, 0 for none; `n` is its place in `attrs`. */
  is_visible?(kobj: kobject, attr: any_attribute, n: number): umode_t
  /** The same for `bin_attrs`. */
  is_bin_visible?(kobj: kobject, attr: bin_attribute, n: number): umode_t
  readonly attrs?: readonly any_attribute[]
  readonly bin_attrs?: readonly bin_attribute[]
}

/** An attribute with functions of its own, for the object `O`: the macros below make them. */
export interface object_attribute<O> {
  readonly attr: attribute
  show?(object: O, attr: object_attribute<O>, buf: Uint8Array): shown
  store?(
    object: O,
    attr: object_attribute<O>,
    buf: string,
    count: size_t,
  ): MaybePromise<ssize_t>
}

type Show<O> = object_attribute<O>['show'] | null
type Store<O> = object_attribute<O>['store'] | null

/** `__ATTR('name', 0o644, show, store)`; null for what is not there. */
export function __ATTR<O>(
  name: string,
  mode: umode_t,
  show: Show<O>,
  store: Store<O>,
): object_attribute<O> {
  return { attr: { name, mode }, ...(show && { show }), ...(store && { store }) }
}

/** `__ATTR_RO('name', name_show)`: mode 0444. */
export const __ATTR_RO = <O>(name: string, show: Show<O>): object_attribute<O> =>
  __ATTR(name, 0o444, show, null)

/** `__ATTR_WO('name', name_store)`: mode 0200. */
export const __ATTR_WO = <O>(name: string, store: Store<O>): object_attribute<O> =>
  __ATTR(name, 0o200, null, store)

/** `__ATTR_RW('name', name_show, name_store)`: mode 0644. */
export const __ATTR_RW = <O>(
  name: string,
  show: Show<O>,
  store: Store<O>,
): object_attribute<O> => __ATTR(name, 0o644, show, store)

type BinRead = bin_attribute['read'] | null
type BinWrite = bin_attribute['write'] | null

/** `const bin_attr_blob = BIN_ATTR('blob', 0o644, read, write, size)` */
export function BIN_ATTR(
  name: string,
  mode: umode_t,
  read: BinRead,
  write: BinWrite,
  size: size_t,
): bin_attribute {
  return { attr: { name, mode }, size, ...(read && { read }), ...(write && { write }) }
}

/** `BIN_ATTR_RO('blob', size, read)`: mode 0444. */
export const BIN_ATTR_RO = (name: string, size: size_t, read: BinRead): bin_attribute =>
  BIN_ATTR(name, 0o444, read, null, size)

/** `BIN_ATTR_RW('blob', size, read, write)`: mode 0644. */
export const BIN_ATTR_RW = (
  name: string,
  size: size_t,
  read: BinRead,
  write: BinWrite,
): bin_attribute => BIN_ATTR(name, 0o644, read, write, size)

/** `const foo_groups = ATTRIBUTE_GROUPS(foo_attrs)`: one group without a name. */
export const ATTRIBUTE_GROUPS = (
  attrs: readonly any_attribute[],
): readonly attribute_group[] => [{ attrs }]

/** Text by printk's formats into the page of a show(): how many bytes. */
export declare const sysfs_emit: SysfsFiles['sysfs_emit']
/** As sysfs_emit(), from byte `at` of the page on. */
export declare const sysfs_emit_at: SysfsFiles['sysfs_emit_at']
/** @internal */
export declare const sysfs_create_file_ns: SysfsFiles['sysfs_create_file_ns']
/** @internal */
export declare const sysfs_remove_file_ns: SysfsFiles['sysfs_remove_file_ns']
/** Several files: 0, or an error and none of them. */
export declare const sysfs_create_files: SysfsFiles['sysfs_create_files']
export declare const sysfs_remove_files: SysfsFiles['sysfs_remove_files']
/** Change a file's mode: 0 or -ENOENT. */
export declare const sysfs_chmod_file: SysfsFiles['sysfs_chmod_file']
/** A file of bytes: 0 or an error. */
export declare const sysfs_create_bin_file: SysfsFiles['sysfs_create_bin_file']
export declare const sysfs_remove_bin_file: SysfsFiles['sysfs_remove_bin_file']
/** A symbolic link `name` in `kobj`'s directory to that of `target`: 0 or an error. */
export declare const sysfs_create_link: SysfsFiles['sysfs_create_link']
/** As sysfs_create_link(), and not a word in the log if the name is taken. */
export declare const sysfs_create_link_nowarn: SysfsFiles['sysfs_create_link_nowarn']
export declare const sysfs_remove_link: SysfsFiles['sysfs_remove_link']
/** @internal */
export declare const sysfs_rename_link_ns: SysfsFiles['sysfs_rename_link_ns']
/** Another name for a link to `target`: 0, or -ENOENT if there is none of the name `old`. */
export const sysfs_rename_link = (
  kobj: kobject | null,
  target: kobject,
  old: string,
  name: string,
): errno_t => sysfs_rename_link_ns(kobj, target, old, name, null)
/** Who polls the file `attr`, in the directory `dir` of `kobj` if not null, is told of news. */
export declare const sysfs_notify: SysfsFiles['sysfs_notify']
/** A group's files: 0, or an error and none of them. */
export declare const sysfs_create_group: SysfsGroups['sysfs_create_group']
/** Several groups: 0, or an error and none of them. */
export declare const sysfs_create_groups: SysfsGroups['sysfs_create_groups']
/** Ask is_visible() again for each file of a group: 0 or an error. */
export declare const sysfs_update_group: SysfsGroups['sysfs_update_group']
export declare const sysfs_remove_group: SysfsGroups['sysfs_remove_group']
export declare const sysfs_remove_groups: SysfsGroups['sysfs_remove_groups']
/** Add a group's files to the directory of a group that is there: 0 or an error. */
export declare const sysfs_merge_group: SysfsGroups['sysfs_merge_group']
export declare const sysfs_unmerge_group: SysfsGroups['sysfs_unmerge_group']
/** One more file in the directory `group`, or in `kobj`'s own if null: 0 or an error. */
export declare const sysfs_add_file_to_group: SysfsGroups['sysfs_add_file_to_group']
export declare const sysfs_remove_file_from_group: SysfsGroups['sysfs_remove_file_from_group']

/** One file in `kobj`'s directory: 0 or an error, such as -EEXIST. */
export const sysfs_create_file = (kobj: kobject, attr: any_attribute): number =>
  sysfs_create_file_ns(kobj, attr, null)
export const sysfs_remove_file = (kobj: kobject, attr: any_attribute): void =>
  sysfs_remove_file_ns(kobj, attr, null)
