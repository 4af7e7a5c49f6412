// /sys/kernel/debug: directories, files and links that drivers make to be looked into. Linux:
// fs/debugfs/inode.c.

import { EACCES, EEXIST, EINVAL, EPERM } from '../../include/linux/errno.ts'
import type { dentry } from '../../include/linux/debugfs.ts'
import type { file_operations } from '../../include/linux/fs.ts'
import { KERN_ERR } from '../../include/linux/printk.ts'
import type { errno_t, umode_t } from '../../include/linux/types.ts'
import { S_IFREG } from '../../include/uapi/stat.ts'
import type { Registered } from '../../kernel/debugobjects.ts'
import type { ModuleCode } from '../../kernel/module/code.ts'
import type { Printk } from '../../kernel/printk.ts'
import {
  directory,
  Inode,
  type inode_operations,
  simple_setattr,
  symlink,
} from '../inode.ts'
import type { SysFs } from '../sysfs/sysfs.ts'
import { type TextFile, text_file_operations } from '../text_file.ts'
import { full_proxy, type ModuleReferences } from './proxy.ts'

const debugfs_inode_operations: inode_operations = {
  refusal: -EPERM,
  createRefusal: -EACCES,
  setattr: (node, changes) => simple_setattr(node, changes),
}

/** A directory as drivers hand it over: null is the root, an error makes nothing. */
export type Parent = dentry | errno_t | null | undefined

interface Needs {
  sysfs: SysFs
  log: Printk
  modules: ModuleReferences
  code: ModuleCode
  debugobjects: Registered
}

export class DebugFs {
  static readonly EXPORT_SYMBOL_GPL = [
    'debugfs_create_dir',
    'debugfs_create_file',
    'debugfs_create_file_unsafe',
    'debugfs_create_symlink',
    'debugfs_remove',
    'debugfs_lookup',
    'debugfs_lookup_and_remove',
    'debugfs_rename',
    'debugfs_initialized',
  ] as const

  /** Nobody but root looks in. */
  readonly root = directory(0o700, debugfs_inode_operations)
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
    needs.sysfs.dir('kernel').add('debug', this.root)
  }

  debugfs_create_dir(name: string, parent: Parent): dentry | errno_t {
    return this.#add(name, parent, () => directory(0o755, debugfs_inode_operations))
  }

  debugfs_create_file(
    name: string,
    mode: umode_t,
    parent: Parent,
    data: unknown,
    fops: file_operations,
  ): dentry | errno_t {
    const { sysfs, modules, code } = this.#needs
    return this.#add(
      name,
      parent,
      () =>
        new Inode({
          mode: S_IFREG | (mode & 0o7777),
          fop: full_proxy({ active: sysfs.active, modules, code }, fops),
          op: debugfs_inode_operations,
          data,
        }),
    )
  }

  debugfs_create_file_unsafe(
    ...args: Parameters<DebugFs['debugfs_create_file']>
  ): dentry | errno_t {
    return this.debugfs_create_file(...args)
  }

  /** A file of the kernel's own whose text is made when it is read. */
  create_text(name: string, mode: umode_t, parent: Parent, file: TextFile): void {
    this.debugfs_create_file(name, mode, parent, undefined, text_file_operations(file))
  }

  debugfs_create_symlink(name: string, parent: Parent, target: string): dentry | errno_t {
    return this.#add(name, parent, () => symlink(target, debugfs_inode_operations))
  }

  debugfs_remove(entry: Parent): void {
    if (typeof entry !== 'object' || entry === null) return
    this.#deactivate(entry as Inode)
    ;(entry as Inode).remove()
  }

  debugfs_lookup(name: string, parent: Parent): dentry | null {
    const dir = this.#directory(parent)
    return typeof dir === 'number' ? null : (dir.child(name) ?? null)
  }

  debugfs_lookup_and_remove(name: string, parent: Parent): void {
    this.debugfs_remove(this.debugfs_lookup(name, parent))
  }

  debugfs_rename(
    old_dir: Parent,
    old: Parent,
    new_dir: Parent,
    new_name: string,
  ): dentry | errno_t {
    for (const given of [old_dir, new_dir, old])
      if (typeof given === 'number') return given
    const node = old as Inode | null | undefined
    const to = this.#directory(new_dir)
    if (!node?.parent || typeof to === 'number' || to.child(new_name)) return -EINVAL
    node.remove()
    return to.add(new_name, node)
  }

  debugfs_initialized(): boolean {
    return true
  }

  #directory(parent: Parent): Inode | errno_t {
    if (typeof parent === 'number') return parent
    return parent ? (parent as Inode) : this.root
  }

  #add(name: string, parent: Parent, make: () => Inode): dentry | errno_t {
    const dir = this.#directory(parent)
    if (typeof dir === 'number') return dir
    if (name === '' || name === '.' || name === '..' || name.includes('/')) return -EACCES
    const there = dir.child(name)
    if (there) return this.#present(there, dir)
    const node = make()
    this.#needs.debugobjects.debug_object_activate('dentry', node, name)
    return dir.add(name, node)
  }

  #deactivate(node: Inode): void {
    this.#needs.debugobjects.debug_object_deactivate(node)
    for (const child of node.children?.values() ?? []) this.#deactivate(child)
  }

  #present(there: Inode, dir: Inode): errno_t {
    const parent = dir === this.root ? '/' : dir.name
    const why = there.isDirectory
      ? "Directory '%s' with parent '%s' already present!\n"
      : "File '%s' in directory '%s' already present!\n"
    this.#needs.log.printk(`${KERN_ERR}debugfs: ${why}`, there.name, parent)
    return -EEXIST
  }
}
