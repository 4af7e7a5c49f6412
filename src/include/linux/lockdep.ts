// Saying which locks have to be held: where they are not, that is reported.
// Implemented in kernel/locking/lockdep.ts. Linux: include/linux/lockdep.h.
import type { Lockdep } from '../../kernel/locking/lockdep.ts'
import type { Traps } from '../../kernel/panic.ts'
import type { debugged_lock } from './lockdep_map.ts'

declare const WARN_ON: Traps['WARN_ON']

/** Are locks being debugged? 0 from the first mistake on that was found. */
export declare const debug_locks: Lockdep['debug_locks']
/** @internal */
export declare const lock_is_held_type: Lockdep['lock_is_held_type']

/** Does the caller hold `lock`? Also true when nobody knows, as locks are not debugged any more. */
export const lockdep_is_held = (lock: debugged_lock): boolean =>
  lock_is_held_type(lock, -1) !== 0

/** Warn if the caller does not hold `lock`. */
export function lockdep_assert_held(lock: debugged_lock): void {
  WARN_ON(debug_locks !== 0 && !lockdep_is_held(lock))
}
/** Warn if the caller holds `lock`. */
export function lockdep_assert_not_held(lock: debugged_lock): void {
  WARN_ON(debug_locks !== 0 && lockdep_is_held(lock))
}
/** Warn if the caller does not hold `lock` alone. */
export function lockdep_assert_held_write(lock: debugged_lock): void {
  WARN_ON(debug_locks !== 0 && lock_is_held_type(lock, 0) === 0)
}
/** Warn if the caller does not hold `lock` as a reader. */
export function lockdep_assert_held_read(lock: debugged_lock): void {
  WARN_ON(debug_locks !== 0 && lock_is_held_type(lock, 1) === 0)
}
