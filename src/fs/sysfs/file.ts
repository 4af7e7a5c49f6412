// Files of drivers in /sys: attributes, files of bytes, links, news for who polls. Linux:
// fs/sysfs/file.c, fs/sysfs/symlink.c.

import { EEXIST, EINVAL, EIO, ENOENT } from '../../include/linux/errno.ts'
import type { file } from '../../include/linux/fs.ts'
import type { kobject } from '../../include/linux/kobject.ts'
import type {
  any_attribute,
  attribute,
  bin_attribute,
} from '../../include/linux/sysfs.ts'
import type { errno_t, umode_t } from '../../include/linux/types.ts'
import type { Formats } from '../../kernel/formats.ts'
import type { ModuleCode } from '../../kernel/module/code.ts'
import type { Traps } from '../../kernel/panic.ts'
import type { Printk } from '../../kernel/printk.ts'
import { decodeText } from '../../lib/kmsg.ts'
import { PAGE_SIZE, put_shown } from '../../lib/page_text.ts'
import { type Inode, relativePath } from '../inode.ts'
import type { BinaryOps, TextOps } from './kernfs_file.ts'
import type { SysFs } from './sysfs.ts'

type MaybeKobject = kobject | null | undefined

interface Needs {
  sysfs: SysFs
  log: Printk
  traps: Traps
  formats: Formats
  code: ModuleCode
}

export class SysfsFiles {
  static readonly EXPORT_SYMBOL_GPL = [
    'sysfs_emit',
    'sysfs_emit_at',
    'sysfs_create_file_ns',
    'sysfs_create_files',
    'sysfs_remove_file_ns',
    'sysfs_remove_files',
    'sysfs_chmod_file',
    'sysfs_create_bin_file',
    'sysfs_remove_bin_file',
    'sysfs_create_link',
    'sysfs_create_link_nowarn',
    'sysfs_remove_link',
    'sysfs_rename_link_ns',
    'sysfs_notify',
  ] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  sysfs_emit(buf: Uint8Array, fmt: string, ...args: unknown[]): number {
    const { traps, formats } = this.#needs
    if (traps.WARN(!isPage(buf), 'invalid sysfs_emit: buf:%p\n', buf)) return 0
    return formats.vscnprintf(buf, PAGE_SIZE, fmt, args)
  }

  sysfs_emit_at(buf: Uint8Array, at: number, fmt: string, ...args: unknown[]): number {
    const { traps, formats } = this.#needs
    const bad = !isPage(buf) || at < 0 || at >= PAGE_SIZE
    if (traps.WARN(bad, 'invalid sysfs_emit_at: buf:%p at:%d\n', buf, at)) return 0
    return formats.vscnprintf(buf.subarray(at), PAGE_SIZE - at, fmt, args)
  }

  /** There are no namespaces: `_ns` stands for nothing. */
  sysfs_create_file_ns(
    kobj: MaybeKobject,
    attr: any_attribute | null,
    _ns: unknown,
  ): errno_t {
    const dir = kobj && this.#needs.sysfs.dirOf(kobj)
    if (this.#needs.traps.WARN_ON(!dir || !attr) || !dir || !attr) return -EINVAL
    return this.add(dir, kobj, attr, plain(attr).mode)
  }

  sysfs_create_files(kobj: kobject, attrs: readonly any_attribute[]): errno_t {
    for (const [i, attr] of attrs.entries()) {
      const err = this.sysfs_create_file_ns(kobj, attr, null)
      if (!err) continue
      this.sysfs_remove_files(kobj, attrs.slice(0, i))
      return err
    }
    return 0
  }

  sysfs_remove_file_ns(kobj: MaybeKobject, attr: any_attribute, _ns: unknown): void {
    this.removeChild(kobj && this.#needs.sysfs.dirOf(kobj), plain(attr).name)
  }

  sysfs_remove_files(kobj: kobject, attrs: readonly any_attribute[]): void {
    for (const attr of attrs) this.sysfs_remove_file_ns(kobj, attr, null)
  }

  sysfs_chmod_file(kobj: kobject, attr: any_attribute, mode: umode_t): errno_t {
    const node = this.#needs.sysfs.dirOf(kobj)?.child(plain(attr).name)
    if (!node) return -ENOENT
    return node.i_op.setattr?.(node, { mode }) ?? 0
  }

  sysfs_create_bin_file(kobj: MaybeKobject, attr: bin_attribute): errno_t {
    const dir = kobj && this.#needs.sysfs.dirOf(kobj)
    if (this.#needs.traps.WARN_ON(!dir) || !dir) return -EINVAL
    return this.addBinary(dir, kobj, attr, attr.attr.mode)
  }

  sysfs_remove_bin_file(kobj: MaybeKobject, attr: bin_attribute): void {
    this.sysfs_remove_file_ns(kobj, attr, null)
  }

  sysfs_create_link(kobj: MaybeKobject, target: kobject, name: string): errno_t {
    return this.#link(kobj, target, name, true)
  }

  sysfs_create_link_nowarn(kobj: MaybeKobject, target: kobject, name: string): errno_t {
    return this.#link(kobj, target, name, false)
  }

  sysfs_remove_link(kobj: MaybeKobject, name: string): void {
    this.removeChild(this.#needs.sysfs.dirOf(kobj), name)
  }

  /** 0, or -ENOENT if `old` is no link to `target`. */
  sysfs_rename_link_ns(
    kobj: MaybeKobject,
    target: kobject,
    old: string,
    name: string,
    _ns: unknown,
  ): errno_t {
    const { sysfs } = this.#needs
    const dir = sysfs.dirOf(kobj)
    const link = dir?.child(old)
    const to = sysfs.dirOf(target)
    if (!dir || !to || link?.i_link !== relativePath(dir, to)) return -ENOENT
    if (dir.child(name)) return sysfs.warn_dup(dir, name)
    sysfs.move(link, dir, name)
    return 0
  }

  sysfs_notify(kobj: MaybeKobject, dir: string | null, attr: string | null): void {
    const { sysfs } = this.#needs
    const home = kobj ? sysfs.dirOf(kobj) : undefined
    const place = dir === null ? home : home?.child(dir)
    const node = attr === null ? place : place?.child(attr)
    if (node) sysfs.notify(node)
  }

  /** An attribute in a directory that belongs to `kobj`: 0 or an error. */
  add(dir: Inode, kobj: kobject, attr: any_attribute, mode: umode_t): errno_t {
    const { sysfs, traps } = this.#needs
    const { name } = plain(attr)
    const missing = !kobj.ktype?.sysfs_ops
    const why = 'missing sysfs attribute operations for kobject: %s\n'
    if (traps.WARN(missing, why, kobj.name)) return -EINVAL
    if (dir.child(name)) return sysfs.warn_dup(dir, name)
    sysfs.text(dir, name, mode & 0o777, this.#ops(kobj, attr))
    return 0
  }

  /** The same for a file of bytes. */
  addBinary(dir: Inode, kobj: kobject, attr: bin_attribute, mode: umode_t): errno_t {
    const { sysfs, code } = this.#needs
    const { name } = attr.attr
    if (dir.child(name)) return sysfs.warn_dup(dir, name)
    sysfs.binary(dir, name, mode & 0o777, binaryOps(code, kobj, attr))
    return 0
  }

  /** Take a file or directory away, if it is there. */
  removeChild(dir: Inode | null | undefined, name: string): boolean {
    const node = dir?.child(name)
    if (node) this.#needs.sysfs.remove(node)
    return node !== undefined
  }

  #link(kobj: MaybeKobject, target: kobject, name: string, warn: boolean): errno_t {
    const { sysfs, traps } = this.#needs
    const dir = sysfs.dirOf(kobj)
    if (traps.WARN_ON(name === '') || !dir) return -EINVAL
    const to = sysfs.dirOf(target)
    if (!to) return -ENOENT
    if (dir.child(name)) return warn ? sysfs.warn_dup(dir, name) : -EEXIST
    sysfs.link(dir, name, to)
    return 0
  }

  #ops(kobj: kobject, attr: any_attribute): TextOps {
    const ops = kobj.ktype?.sysfs_ops ?? {}
    const { code } = this.#needs
    const show = () => {
      code.check(attr)
      const buf = new Uint8Array(PAGE_SIZE)
      const n = put_shown(buf, ops.show?.(kobj, attr, buf) ?? -EIO)
      const filled = (count: number) => this.#fill_read_buffer(ops, buf, count)
      return typeof n === 'object' ? n.then(filled) : filled(n)
    }
    const store = (bytes: Uint8Array) => {
      code.check(attr)
      return ops.store?.(kobj, attr, decodeText(bytes), bytes.length) ?? -EIO
    }
    return { show, store }
  }

  #fill_read_buffer(
    ops: { show?: unknown },
    buf: Uint8Array,
    count: number,
  ): Uint8Array | errno_t {
    const { traps, log } = this.#needs
    if (!Number.isInteger(count)) return traps.badReply(count)
    if (count < 0) return count
    if (count < PAGE_SIZE) return buf.subarray(0, count)
    log.printk('fill_read_buffer: %pS returned bad count\n', ops.show)
    return buf.subarray(0, PAGE_SIZE - 1)
  }
}

/** Name and mode of an attribute. */
export function plain(attr: any_attribute): attribute {
  return 'attr' in attr ? attr.attr : attr
}

function isPage(buf: Uint8Array | undefined): boolean {
  return buf?.length === PAGE_SIZE
}

function binaryOps(code: ModuleCode, kobj: kobject, attr: bin_attribute): BinaryOps {
  const { size } = attr
  const read = (filp: file, buf: Uint8Array, pos: number) => {
    code.check(attr)
    return attr.read?.(filp, kobj, attr, buf, pos, buf.length) ?? -EIO
  }
  const write = (filp: file, buf: Uint8Array, pos: number) => {
    code.check(attr)
    return attr.write?.(filp, kobj, attr, buf, pos, buf.length) ?? -EIO
  }
  return { size, read, write }
}
