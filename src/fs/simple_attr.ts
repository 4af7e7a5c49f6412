// Files that are one number, read and written as text. Linux: fs/libfs.c.
//
// The text is made by a read at position 0 and kept for those who go on from there.

import { EACCES, EFAULT } from '../include/linux/errno.ts'
import type { file, inode } from '../include/linux/fs.ts'
import type { attr_get, attr_set } from '../include/linux/simple_attr.ts'
import type { errno_t, MaybePromise, ref } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { decodeText, encodeText } from '../lib/kmsg.ts'
import { kstrtoll, kstrtoull } from '../lib/kstrtox.ts'
import { copy_from_user } from '../lib/usercopy.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import { nonseekable_open, simple_read_from_buffer } from './libfs.ts'

/** Room for a number, with its NUL. */
const BUFFER = 24

/** What an open file of this kind keeps. */
interface SimpleAttr<T> {
  readonly get: attr_get<T> | null
  readonly set: attr_set<T> | null
  readonly fmt: string
  readonly data: T
  text: Uint8Array
}

type Open = file<SimpleAttr<unknown>>

export class SimpleAttributes {
  static readonly EXPORT_SYMBOL = ['simple_open'] as const
  static readonly EXPORT_SYMBOL_GPL = [
    'simple_attr_open',
    'simple_attr_release',
    'simple_attr_read',
    'simple_attr_write',
    'simple_attr_write_signed',
    'debugfs_attr_read',
    'debugfs_attr_write',
    'debugfs_attr_write_signed',
  ] as const

  simple_open(node: inode, filp: file): errno_t {
    if (node.i_private !== undefined) filp.private_data = node.i_private
    return 0
  }

  simple_attr_open<T>(
    node: inode,
    filp: file,
    get: attr_get<T> | null,
    set: attr_set<T> | null,
    fmt: string,
  ): errno_t {
    const attr = { get, set, fmt, data: node.i_private as T, text: new Uint8Array() }
    filp.private_data = attr
    return nonseekable_open(node, filp)
  }

  simple_attr_release(_node: inode, _filp: file): errno_t {
    return 0
  }

  simple_attr_read(
    filp: Open,
    buf: user_ptr,
    count: number,
    pos: ref<number>,
  ): MaybePromise<number> {
    const attr = filp.private_data
    if (!attr.get) return -EACCES
    const give = () =>
      simple_read_from_buffer(buf, count, pos, attr.text, attr.text.length)
    if (pos.value !== 0 && attr.text.length > 0) return give()
    const val = { value: 0n }
    const got = (err: errno_t) => {
      if (err) return err
      attr.text = encodeText(vsnprintf(attr.fmt, [val.value])).subarray(0, BUFFER - 1)
      return give()
    }
    const answer = attr.get(attr.data, val)
    return typeof answer === 'object' ? answer.then(got) : got(answer)
  }

  simple_attr_write(
    filp: Open,
    buf: user_ptr,
    count: number,
    _pos: ref<number>,
  ): MaybePromise<number> {
    return write(filp, buf, count, kstrtoull)
  }

  simple_attr_write_signed(
    filp: Open,
    buf: user_ptr,
    count: number,
    _pos: ref<number>,
  ): MaybePromise<number> {
    return write(filp, buf, count, kstrtoll)
  }

  /** In debugfs every file is held while it is used, so these have nothing to add. */
  readonly debugfs_attr_read = this.simple_attr_read.bind(this)
  readonly debugfs_attr_write = this.simple_attr_write.bind(this)
  readonly debugfs_attr_write_signed = this.simple_attr_write_signed.bind(this)
}

/** All of it is used, or none. */
function write(
  filp: Open,
  buf: user_ptr,
  count: number,
  parse: typeof kstrtoull,
): MaybePromise<number> {
  const { set, data } = filp.private_data
  if (!set) return -EACCES
  const bytes = new Uint8Array(Math.min(count, BUFFER - 1))
  if (copy_from_user(bytes, buf, bytes.length)) return -EFAULT
  const val = { value: 0n }
  const err = parse(decodeText(bytes), 0, val)
  if (err) return err
  const answer = set(data, val.value)
  return typeof answer === 'object' ? answer.then(e => e || count) : answer || count
}
