// Error numbers in place of a value. Linux: include/linux/err.h.
import type { errno_t } from './types.ts'

export const MAX_ERRNO = 4095

/** Is `x` an error number rather than what was asked for? */
export function IS_ERR<T>(x: T | errno_t): x is errno_t {
  return typeof x === 'number' && x < 0 && x >= -MAX_ERRNO
}

export function IS_ERR_OR_NULL<T>(
  x: T | errno_t | null | undefined,
): x is errno_t | null | undefined {
  return x === null || x === undefined || IS_ERR(x)
}

/** The error number that IS_ERR() found. */
export function PTR_ERR<T>(x: T | errno_t): errno_t {
  return x as errno_t
}

export function ERR_PTR(error: errno_t): errno_t {
  return error
}
