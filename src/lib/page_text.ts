// What show() answers, as bytes of a page. Linux: sysfs_emit() in fs/sysfs/file.c.

import type { MaybePromise } from '../include/linux/types.ts'
import { isPromise } from './is_promise.ts'
import { encodeText } from './kmsg.ts'

/** The most that one read or write of an attribute carries, and one more than show() may fill. */
export const PAGE_SIZE = 4096

/**
 * A text goes into `buf`, cut to its size, and its length in bytes is the answer; all else is
 * the answer itself.
 */
export function put_shown<T>(
  buf: Uint8Array,
  shown: MaybePromise<T>,
): MaybePromise<Exclude<T, string> | number> {
  if (isPromise(shown)) return shown.then(later => put_text(buf, later))
  return put_text(buf, shown)
}

function put_text<T>(buf: Uint8Array, shown: T): Exclude<T, string> | number {
  if (typeof shown !== 'string') return shown as Exclude<T, string>
  const bytes = encodeText(shown)
  buf.set(bytes.subarray(0, buf.length))
  return bytes.length
}
