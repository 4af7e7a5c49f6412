// Order and oneness of accesses. JavaScript keeps both on the one CPU there is, so these are there to
// be read. Linux: include/linux/compiler.h, asm/barrier.h.
import type { ref } from './types.ts'

const nothing = (): void => {}

/** `READ_ONCE(x)` is `READ_ONCE(x)` of a ref, or just the variable. */
export const READ_ONCE = <T>(x: ref<T>): T => x.value
/** `WRITE_ONCE(x, 1)` of a ref, or just an assignment. */
export function WRITE_ONCE<T>(x: ref<T>, val: T): void {
  x.value = val
}
export const smp_load_acquire = READ_ONCE
export const smp_store_release = WRITE_ONCE

export const likely = (condition: boolean): boolean => condition
export const unlikely = (condition: boolean): boolean => condition

export {
  nothing as barrier,
  nothing as mb,
  nothing as rmb,
  nothing as wmb,
  nothing as smp_mb,
  nothing as smp_rmb,
  nothing as smp_wmb,
  nothing as smp_mb__before_atomic,
  nothing as smp_mb__after_atomic,
}
