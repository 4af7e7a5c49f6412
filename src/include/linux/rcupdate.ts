// Reading without a lock what others replace.
// Implemented in kernel/rcu.ts. Linux: include/linux/rcupdate.h.
//
// On one CPU a reader is never interrupted by a writer, and may not sleep; so when nobody reads, what was
// replaced can go.
import type { Rcu } from '../../kernel/rcu.ts'
import type { ModuleMemory } from '../../mm/slab_common.ts'
import type { task_struct } from './sched.ts'
import type { ref } from './types.ts'

declare const current: task_struct
declare const kfree: ModuleMemory['kfree']

/** Embedded in an object that call_rcu() frees: C's `struct rcu_head rcu`. */
export class rcu_head {
  /** @internal */
  func: ((head: rcu_head) => void) | undefined = undefined
}

/** Begin to read. Until rcu_read_unlock() the reader may not sleep. */
export function rcu_read_lock(): void {
  current.rcu_read_lock_nesting++
}
export function rcu_read_unlock(): void {
  if (current.rcu_read_lock_nesting > 0) current.rcu_read_lock_nesting--
}
/** Is this between rcu_read_lock() and rcu_read_unlock()? */
export const rcu_read_lock_held = (): boolean => current.rcu_read_lock_nesting > 0

/** The pointer that others may replace. */
export const rcu_dereference = <T>(p: ref<T>): T => p.value
/** As rcu_dereference(), by one who keeps others from replacing it. */
export const rcu_dereference_protected = <T>(p: ref<T>, _condition: boolean): T => p.value
/** As rcu_dereference(), to look whether there is one. */
export const rcu_access_pointer = <T>(p: ref<T>): T => p.value
/** Replace what readers will see from now on. */
export function rcu_assign_pointer<T>(p: ref<T>, v: T): void {
  p.value = v
}
export const RCU_INIT_POINTER = rcu_assign_pointer

/** Call `func(head)`, from a softirq, when all who read now have ended. */
export declare const call_rcu: Rcu['call_rcu']
/** Sleep until all who read now have ended. */
export declare const synchronize_rcu: Rcu['synchronize_rcu']
/** Sleep until all that call_rcu() was told so far has been called. */
export declare const rcu_barrier: Rcu['rcu_barrier']

/** kfree() it when all who read now have ended. `field`: its rcu_head, which is not needed here. */
export function kfree_rcu(ptr: Parameters<typeof kfree>[0], _field?: string): void {
  if (ptr) call_rcu(new rcu_head(), () => kfree(ptr))
}
