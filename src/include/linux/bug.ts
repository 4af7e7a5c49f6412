// Reports of what must not happen. Implemented in kernel/panic.ts. Linux: include/linux/bug.h.
import type { Traps } from '../../kernel/panic.ts'

/** Log a warning with the stack if `condition`; returns it. */
export declare const WARN_ON: Traps['WARN_ON']
/** As WARN_ON(), with a message. */
export declare const WARN: Traps['WARN']
/** Stop here: the calling process dies. */
export declare const BUG: Traps['BUG']
/** BUG() if `condition`. */
export declare const BUG_ON: Traps['BUG_ON']
/** Stop the machine. */
export declare const panic: Traps['panic']
