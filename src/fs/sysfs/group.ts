// Groups of attributes, which come and go together. Linux: fs/sysfs/group.c.

import { EINVAL, ENOENT } from '../../include/linux/errno.ts'
import type { kobject } from '../../include/linux/kobject.ts'
import type { any_attribute, attribute_group } from '../../include/linux/sysfs.ts'
import type { errno_t, umode_t } from '../../include/linux/types.ts'
import type { Traps } from '../../kernel/panic.ts'
import type { Inode } from '../inode.ts'
import { plain, type SysfsFiles } from './file.ts'
import type { SysFs } from './sysfs.ts'

/** Mode bits that an attribute may have: others may not write. */
const PERMITTED = 0o664

type Groups = readonly attribute_group[] | null | undefined

interface Needs {
  sysfs: SysFs
  files: SysfsFiles
  traps: Traps
}

export class SysfsGroups {
  static readonly EXPORT_SYMBOL_GPL = [
    'sysfs_create_group',
    'sysfs_create_groups',
    'sysfs_update_group',
    'sysfs_remove_group',
    'sysfs_remove_groups',
    'sysfs_merge_group',
    'sysfs_unmerge_group',
    'sysfs_add_file_to_group',
    'sysfs_remove_file_from_group',
  ] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  sysfs_create_group(kobj: kobject, grp: attribute_group): errno_t {
    const err = this.#check(kobj, grp)
    const home = this.#needs.sysfs.dirOf(kobj)
    if (err || !home) return err || -EINVAL
    if (grp.name && home.child(grp.name))
      return this.#needs.sysfs.warn_dup(home, grp.name)
    const dir = grp.name ? this.#needs.sysfs.mkdir(home, grp.name) : home
    const failed = this.#create_files(dir, kobj, grp)
    if (failed && grp.name) this.#needs.files.removeChild(home, grp.name)
    return failed
  }

  sysfs_create_groups(kobj: kobject, groups: Groups): errno_t {
    for (const [i, grp] of (groups ?? []).entries()) {
      const err = this.sysfs_create_group(kobj, grp)
      if (!err) continue
      for (const made of (groups ?? []).slice(0, i).toReversed())
        this.sysfs_remove_group(kobj, made)
      return err
    }
    return 0
  }

  sysfs_update_group(kobj: kobject, grp: attribute_group): errno_t {
    const err = this.#check(kobj, grp)
    const dir = this.#place(kobj, grp.name ?? null)
    if (err || !dir) return err || -EINVAL
    this.#remove_files(dir, grp)
    return this.#create_files(dir, kobj, grp)
  }

  sysfs_remove_group(kobj: kobject, grp: attribute_group): void {
    const { files, traps, sysfs } = this.#needs
    const dir = this.#place(kobj, grp.name ?? null)
    if (!dir) {
      const why = "sysfs group '%s' not found for kobject '%s'\n"
      traps.WARN(grp.name !== undefined, why, grp.name, kobj.name)
      return
    }
    this.#remove_files(dir, grp)
    if (grp.name) files.removeChild(sysfs.dirOf(kobj), grp.name)
  }

  sysfs_remove_groups(kobj: kobject, groups: Groups): void {
    for (const grp of groups ?? []) this.sysfs_remove_group(kobj, grp)
  }

  sysfs_merge_group(kobj: kobject, grp: attribute_group): errno_t {
    const dir = this.#place(kobj, grp.name ?? null)
    if (!dir) return -ENOENT
    const { attrs = [] } = grp
    for (const [i, attr] of attrs.entries()) {
      const err = this.#needs.files.add(dir, kobj, attr, plain(attr).mode)
      if (!err) continue
      this.#remove_files(dir, { attrs: attrs.slice(0, i) })
      return err
    }
    return 0
  }

  sysfs_unmerge_group(kobj: kobject, { name, attrs = [] }: attribute_group): void {
    const dir = this.#place(kobj, name ?? null)
    if (dir) this.#remove_files(dir, { attrs })
  }

  sysfs_add_file_to_group(
    kobj: kobject,
    attr: any_attribute,
    group: string | null,
  ): errno_t {
    const dir = this.#place(kobj, group)
    if (!dir) return -ENOENT
    return this.#needs.files.add(dir, kobj, attr, plain(attr).mode)
  }

  sysfs_remove_file_from_group(
    kobj: kobject,
    attr: any_attribute,
    group: string | null,
  ): void {
    this.#needs.files.removeChild(this.#place(kobj, group), plain(attr).name)
  }

  /** The directory of a group. */
  #place(kobj: kobject, name: string | null): Inode | undefined {
    const home = this.#needs.sysfs.dirOf(kobj)
    return name ? home?.child(name) : home
  }

  #check(kobj: kobject, { name = '', attrs, bin_attrs }: attribute_group): errno_t {
    const { sysfs, traps } = this.#needs
    if (traps.WARN_ON(!sysfs.dirOf(kobj))) return -EINVAL
    const why = 'sysfs: (bin_)attrs not set by subsystem for group: %s/%s\n'
    return traps.WARN(!attrs && !bin_attrs, why, kobj.name, name) ? -EINVAL : 0
  }

  /** All of them, or none. */
  #create_files(dir: Inode, kobj: kobject, grp: attribute_group): errno_t {
    const { files } = this.#needs
    let err = 0
    for (const [i, attr] of (grp.attrs ?? []).entries()) {
      const { mode: own, name } = plain(attr)
      const mode = grp.is_visible?.(kobj, attr, i) ?? own
      if (mode && !err) err = files.add(dir, kobj, attr, this.#permitted(name, mode))
    }
    for (const [i, attr] of (grp.bin_attrs ?? []).entries()) {
      const mode = grp.is_bin_visible?.(kobj, attr, i) ?? attr.attr.mode
      const bits = () => this.#permitted(attr.attr.name, mode)
      if (mode && !err) err = files.addBinary(dir, kobj, attr, bits())
    }
    if (err) this.#remove_files(dir, grp)
    return err
  }

  #permitted(name: string, mode: umode_t): umode_t {
    const why = 'Attribute %s: Invalid permissions 0%o\n'
    this.#needs.traps.WARN((mode & ~PERMITTED) !== 0, why, name, mode)
    return mode & PERMITTED
  }

  #remove_files(dir: Inode, { attrs = [], bin_attrs = [] }: attribute_group): void {
    for (const attr of [...attrs, ...bin_attrs])
      this.#needs.files.removeChild(dir, plain(attr).name)
  }
}
