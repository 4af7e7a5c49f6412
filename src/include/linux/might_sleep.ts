// Saying that a function may sleep: where it must not, that is reported.
// Implemented in kernel/might_sleep.ts. Linux: include/linux/kernel.h.
import type { MightSleep } from '../../kernel/might_sleep.ts'
import type { call_site } from './call_site.ts'

/** @internal */
export declare const __might_sleep: MightSleep['__might_sleep']
/** @internal */
export declare const __might_resched: MightSleep['__might_resched']

/** This function may sleep. Under a spinlock or in an interrupt that is a bug, which is reported. */
export function might_sleep(site?: call_site): void {
  __might_sleep(site?.file ?? '', site?.line ?? 0)
}

/** might_sleep() if `condition`. */
export function might_sleep_if(condition: boolean, site?: call_site): void {
  if (condition) might_sleep(site)
}

/** @internal As might_sleep(), for one who only lets others run. */
export function might_resched(site?: call_site): void {
  __might_resched(site?.file ?? '', site?.line ?? 0)
}
