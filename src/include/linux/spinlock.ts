// Locks that do not sleep. Implemented in kernel/locking/spinlock.ts. Linux: include/linux/spinlock.h.
import type { Spinlocks } from '../../kernel/locking/spinlock.ts'
import type { task_struct } from './sched.ts'

/** `DEFINE_SPINLOCK(lock)` is `const lock = new spinlock()`. */
export class spinlock {
  /** @internal */
  owner: task_struct | undefined = undefined
}

export type spinlock_t = spinlock

export declare const spin_lock_init: Spinlocks['spin_lock_init']
/** Take the lock. Until spin_unlock() the holder may not sleep. */
export declare const spin_lock: Spinlocks['spin_lock']
export declare const spin_unlock: Spinlocks['spin_unlock']
export declare const spin_trylock: Spinlocks['spin_trylock']
export declare const spin_is_locked: Spinlocks['spin_is_locked']
/** As spin_lock(), against interrupts too: the same thing on this machine. */
export declare const spin_lock_irqsave: Spinlocks['spin_lock_irqsave']
export declare const spin_unlock_irqrestore: Spinlocks['spin_unlock_irqrestore']
export declare const spin_lock_irq: Spinlocks['spin_lock_irq']
export declare const spin_unlock_irq: Spinlocks['spin_unlock_irq']
export declare const spin_lock_bh: Spinlocks['spin_lock_bh']
export declare const spin_unlock_bh: Spinlocks['spin_unlock_bh']
