// pr_debug() and its like, one by one switched on and off. Implemented in kernel/dynamic_debug.ts.
// Linux: include/linux/dynamic_debug.h.
import type { DynamicDebug } from '../../kernel/dynamic_debug.ts'
import type { call_site } from './call_site.ts'

export const _DPRINTK_FLAGS_PRINT = 1 << 0
export const _DPRINTK_FLAGS_INCL_MODNAME = 1 << 1
export const _DPRINTK_FLAGS_INCL_FUNCNAME = 1 << 2
export const _DPRINTK_FLAGS_INCL_LINENO = 1 << 3
export const _DPRINTK_FLAGS_INCL_TID = 1 << 4

/** @internal Has it been switched on? */
export const is_enabled = ({ flags }: call_site): boolean =>
  (flags & _DPRINTK_FLAGS_PRINT) !== 0

/** @internal The message of a pr_debug() that is on. */
export declare const __dynamic_pr_debug: DynamicDebug['__dynamic_pr_debug']
/** @internal What its flags put in front of a message. */
export declare const __dynamic_prefix: DynamicDebug['__dynamic_prefix']
