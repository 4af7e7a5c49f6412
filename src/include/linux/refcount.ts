// Counters of references, which warn of what goes wrong with such and then stay as they are.
// Implemented in kernel/refcount.ts. Linux: include/linux/refcount.h.
import type { Refcounts } from '../../kernel/refcount.ts'

/** What a counter that went wrong is set to: too many ever to become 0. */
export const REFCOUNT_SATURATED = -0x40000000

const REFCOUNT_ADD_NOT_ZERO_OVF = 0
const REFCOUNT_ADD_OVF = 1
const REFCOUNT_ADD_UAF = 2
const REFCOUNT_SUB_UAF = 3
const REFCOUNT_DEC_LEAK = 4

/** `refcount_t r = REFCOUNT_INIT(1)` is `const r = new refcount_t(1)`. */
export class refcount_t {
  /** @internal */
  refs: number

  constructor(n = 0) {
    this.refs = n | 0
  }
}

/** A new one. */
export const REFCOUNT_INIT = (n: number): refcount_t => new refcount_t(n)

/** @internal */
export declare const refcount_warn_saturate: Refcounts['refcount_warn_saturate']
/** Give one back if it is the last: whether it was. */
export declare const refcount_dec_if_one: Refcounts['refcount_dec_if_one']
/** Give one back if it is not the last: whether it was not. */
export declare const refcount_dec_not_one: Refcounts['refcount_dec_not_one']
/** Give one back; if it was the last, take the lock: whether it was. */
export declare const refcount_dec_and_mutex_lock: Refcounts['refcount_dec_and_mutex_lock']

export const refcount_read = (r: refcount_t): number => r.refs >>> 0
export function refcount_set(r: refcount_t, n: number): void {
  r.refs = n | 0
}

/** Take `i` more; there has to be one. */
export function refcount_add(i: number, r: refcount_t): void {
  const old = fetch_add(i, r)
  if (old === 0) refcount_warn_saturate(r, REFCOUNT_ADD_UAF)
  else if (overflows(old, i)) refcount_warn_saturate(r, REFCOUNT_ADD_OVF)
}
/** Take one more; there has to be one. */
export const refcount_inc = (r: refcount_t): void => refcount_add(1, r)

/** Take `i` more if there is one: whether there was. */
export function refcount_add_not_zero(i: number, r: refcount_t): boolean {
  if (r.refs === 0) return false
  const old = fetch_add(i, r)
  if (overflows(old, i)) refcount_warn_saturate(r, REFCOUNT_ADD_NOT_ZERO_OVF)
  return true
}
/** Take one more if there is one: whether there was. */
export const refcount_inc_not_zero = (r: refcount_t): boolean =>
  refcount_add_not_zero(1, r)

/** Give `i` back: were they the last? */
export function refcount_sub_and_test(i: number, r: refcount_t): boolean {
  const old = fetch_add(-i, r)
  if (old === i) return true
  if (old < 0 || old - i < 0) refcount_warn_saturate(r, REFCOUNT_SUB_UAF)
  return false
}
/** Give one back: was it the last? */
export const refcount_dec_and_test = (r: refcount_t): boolean =>
  refcount_sub_and_test(1, r)

/** Give one back that is not the last. */
export function refcount_dec(r: refcount_t): void {
  if (fetch_add(-1, r) <= 1) refcount_warn_saturate(r, REFCOUNT_DEC_LEAK)
}

function fetch_add(i: number, r: refcount_t): number {
  const old = r.refs
  r.refs = (old + i) | 0
  return old
}

function overflows(old: number, i: number): boolean {
  return old < 0 || ((old + i) | 0) < 0
}
