// Objects that go when nobody needs them any more. Linux: include/linux/kref.h.
import {
  refcount_dec_and_test,
  refcount_inc,
  refcount_inc_not_zero,
  refcount_read,
  refcount_set,
  refcount_t,
} from './refcount.ts'

/** Embedded in an object: `readonly refs = new kref()`, then kref_init(). */
export class kref {
  /** @internal */
  readonly refcount = new refcount_t(0)
}

/** One reference: the caller's. */
export const kref_init = (kref: kref): void => refcount_set(kref.refcount, 1)
export const kref_read = (kref: kref): number => refcount_read(kref.refcount)
/** Take one more; there has to be one. */
export const kref_get = (kref: kref): void => refcount_inc(kref.refcount)
/** Take one more if there is one: whether there was. */
export const kref_get_unless_zero = (kref: kref): boolean =>
  refcount_inc_not_zero(kref.refcount)

/** Give one back; if it was the last, call `release`: 1 if it did, else 0. */
export function kref_put(kref: kref, release: (kref: kref) => void): number {
  if (!refcount_dec_and_test(kref.refcount)) return 0
  release(kref)
  return 1
}
