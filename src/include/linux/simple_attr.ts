// Files that are one number. Implemented in fs/simple_attr.ts. Linux: DEFINE_SIMPLE_ATTRIBUTE() and
// its parts in include/linux/fs.h, of which this is a part.
import type { SimpleAttributes } from '../../fs/simple_attr.ts'
import type { file_operations } from './fs.ts'
import type { errno_t, MaybePromise, ref } from './types.ts'

/** Put the number, of 64 bits, into `val`: 0 or an error. `data` is what the file was made with. */
export type attr_get<T = unknown> = (
  data: T,
  val: ref<number | bigint>,
) => MaybePromise<errno_t>
/** Take the number, of 64 bits: 0 or an error. */
export type attr_set<T = unknown> = (data: T, val: bigint) => MaybePromise<errno_t>

/** In open(): private_data is what the file was made with. Returns 0. */
export declare const simple_open: SimpleAttributes['simple_open']
/** @internal */
export declare const simple_attr_open: SimpleAttributes['simple_attr_open']
export declare const simple_attr_read: SimpleAttributes['simple_attr_read']
export declare const simple_attr_write: SimpleAttributes['simple_attr_write']
export declare const simple_attr_write_signed: SimpleAttributes['simple_attr_write_signed']
export declare const simple_attr_release: SimpleAttributes['simple_attr_release']

/**
 * `const foo_fops = DEFINE_SIMPLE_ATTRIBUTE(get, set, '%llu\n')`; null for what is not there:
 * that gives EACCES.
 */
export function DEFINE_SIMPLE_ATTRIBUTE<T>(
  get: attr_get<T> | null,
  set: attr_set<T> | null,
  fmt: string,
): file_operations {
  return {
    owner: __this_module,
    open: (inode, filp) => simple_attr_open(inode, filp, get, set, fmt),
    release: (inode, filp) => simple_attr_release(inode, filp),
    read: (filp, buf, count, pos) => simple_attr_read(filp, buf, count, pos),
    write: (filp, buf, count, pos) => simple_attr_write(filp, buf, count, pos),
  }
}

/** The same for numbers with a sign, such as '%lld\n'. */
export function DEFINE_SIMPLE_ATTRIBUTE_SIGNED<T>(
  get: attr_get<T> | null,
  set: attr_set<T> | null,
  fmt: string,
): file_operations {
  return {
    ...DEFINE_SIMPLE_ATTRIBUTE(get, set, fmt),
    write: (filp, buf, count, pos) => simple_attr_write_signed(filp, buf, count, pos),
  }
}
