// Reports of what must not happen. Implemented in kernel/panic.ts and
// kernel/emergency.ts. Linux: include/linux/bug.h.
import type { Emergency } from '../../kernel/emergency.ts'
import type { Traps } from '../../kernel/panic.ts'
import { take_call_site } from './call_site.ts'

/** Log a warning with the stack if `condition`; returns it. */
export declare const WARN_ON: Traps['WARN_ON']
/** As WARN_ON(), with a message. */
export declare const WARN: Traps['WARN']
/** Stop here: the calling process dies. */
export declare const BUG: Traps['BUG']
/** BUG() if `condition`. */
export declare const BUG_ON: Traps['BUG_ON']
/** Stop the machine. Never returns. */
export declare const panic: Emergency['panic']

/** As WARN_ON(), the first time that this line has reason to. */
export function WARN_ON_ONCE(condition: boolean, ...args: unknown[]): boolean {
  if (condition && isFirst(args)) WARN_ON(true)
  return condition
}

/** As WARN(), the first time that this line has reason to. */
export function WARN_ONCE(condition: boolean, fmt: string, ...args: unknown[]): boolean {
  const first = isFirst(args, condition)
  if (first) WARN(true, fmt, ...args)
  return condition
}

/** The call site, which is taken off, remembers. */
function isFirst(args: unknown[], condition = true): boolean {
  const site = take_call_site(args)
  if (!condition || site?.already_done) return false
  if (site) site.already_done = true
  return true
}
