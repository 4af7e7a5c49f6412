// Modules on request. Implemented in kernel/kmod.ts. Linux: include/linux/kmod.h.
import type { Kmod } from '../../kernel/kmod.ts'
import type { MaybePromise } from './types.ts'

/** @internal What request_module() and request_module_nowait() are. */
export declare const __request_module: Kmod['__request_module']

/**
 * Have modprobe load the module that `fmt` names, and wait until it has. 0 does not mean
 * that it is there: look for what you wanted of it. Else modprobe's exit status << 8, or an error.
 */
export const request_module = (fmt: string, ...args: unknown[]): MaybePromise<number> =>
  __request_module(true, fmt, ...args)

/** As request_module(), but go on as soon as modprobe has been started. */
export const request_module_nowait = (
  fmt: string,
  ...args: unknown[]
): MaybePromise<number> => __request_module(false, fmt, ...args)

/** `x()`, and if there is nothing, `x()` once more after request_module(). */
export async function try_then_request_module<T>(
  x: () => T,
  fmt: string,
  ...args: unknown[]
): Promise<T> {
  const found = x()
  if (found) return found
  await __request_module(true, fmt, ...args)
  return x()
}
