// Watches how locks are taken, and reports what could end in a deadlock even if it has not: the same
// class of lock twice, two classes in both orders, a lock of interrupts with interrupts on; and what
// is let go without being held. Linux: kernel/locking/lockdep.c.
//
// Each lock knows where it was made (kbuild tells it), each task what it holds.

import type { call_site } from '../../include/linux/call_site.ts'
import type { debugged_lock, lockdep_map } from '../../include/linux/lockdep_map.ts'
import {
  HARDIRQ_MASK,
  SOFTIRQ_MASK,
  SOFTIRQ_OFFSET,
} from '../../include/linux/preempt_mask.ts'
import { ref } from '../../include/linux/types.ts'
import type { CoreParams } from '../module/builtin.ts'
import type { Scheduler, Task } from '../sched.ts'
import type { StackTraces } from '../stack.ts'
import type { Sysctl } from '../sysctl.ts'
import type { DebugLocks } from './debug_locks.ts'
import { held_lock, outwards, READ_RECURSIVE, WRITE } from './held_lock.ts'
import {
  ENABLED_HARDIRQ,
  ENABLED_SOFTIRQ,
  forReaders,
  LockClass,
  USED_IN_HARDIRQ,
  USED_IN_SOFTIRQ,
} from './lock_class.ts'
import type { LockReports } from './lockdep_report.ts'

interface Needs {
  sched: Scheduler
  debug_locks: DebugLocks
  stacks: StackTraces
  reports: LockReports
}

/** How a lock is taken. */
export interface Acquisition {
  subclass?: number
  /** WRITE, READ or READ_RECURSIVE. */
  read?: number
  trylock?: boolean
}

export class Lockdep {
  static readonly EXPORT_SYMBOL = ['debug_locks'] as const
  static readonly EXPORT_SYMBOL_GPL = ['lock_is_held_type'] as const

  /** Are orders and contexts looked at? */
  readonly #prove_locking = ref(1)
  readonly #needs: Needs
  readonly #sched: Scheduler
  readonly #on: DebugLocks
  /** How many classes have each name. */
  readonly #names = new Map<string, number>()

  constructor(needs: Needs) {
    this.#needs = needs
    this.#sched = needs.sched
    this.#on = needs.debug_locks
    needs.sched.onReturn = task => this.#sys_exit(task)
  }

  get core_params(): CoreParams {
    const arg = this.#prove_locking
    const name = 'prove_locking'
    const params = [
      { name, type: 'int', ops: 'int', arg, perm: 0o644, flags: 0 } as const,
    ]
    return { module: 'lockdep', prefix: 'lockdep.', params }
  }

  register_sysctl(sysctl: Sysctl): void {
    sysctl.register('kernel/prove_locking', {
      read: () => String(this.#prove_locking.value),
      write: sysctl.int(n => (this.#prove_locking.value = n)),
    })
  }

  get debug_locks(): number {
    return this.#on.on ? 1 : 0
  }

  /** `current` is about to take `lock`, which waits if it has to. */
  acquire(
    lock: debugged_lock,
    site: call_site | undefined,
    subclass = 0,
    read = WRITE,
  ): void {
    if (lock.dep_map !== undefined && this.#on.on) {
      this.#acquire(lock, lock.dep_map, site, subclass, read, false)
    }
  }

  /** `current` has taken `lock`, and would not have waited. */
  acquired(lock: debugged_lock, site: call_site | undefined, read = WRITE): void {
    if (lock.dep_map !== undefined && this.#on.on) {
      this.#acquire(lock, lock.dep_map, site, 0, read, true)
    }
  }

  /** `current` lets go. */
  release(lock: debugged_lock, site: call_site | undefined): void {
    if (lock.dep_map === undefined || !this.#on.on) return
    const task = this.#sched.current
    if (task.held?.instance === lock) task.held = task.held.outer
    else this.#releaseOuter(task, lock, lock.dep_map, site)
  }

  /** `current`, who has written, stays as a reader. */
  downgrade(lock: debugged_lock, read: number): void {
    const held = this.#find(this.#sched.current, lock)
    if (held) held.read = read
  }

  /** Does `current` hold `lock`? `read`: -1 in any way, 0 alone, 1 as a reader. */
  lock_is_held_type(lock: debugged_lock, read: number): number {
    if (lock.dep_map === undefined || !this.#on.on) return 1
    const held = this.#find(this.#sched.current, lock)
    if (!held) return 0
    return read === -1 || read === Math.min(held.read, 1) ? 1 : 0
  }

  #acquire(
    lock: debugged_lock,
    map: lockdep_map,
    site: call_site | undefined,
    subclass: number,
    read: number,
    trylock: boolean,
  ): void {
    const task = this.#sched.current
    const lockClass = map.classes[subclass] ?? this.#register(map, subclass)
    const held = new held_lock(lock, lockClass, read, trylock, site)
    if (this.#prove_locking.value) {
      this.#markUsage(task, held)
      if (task.held !== undefined && !trylock) this.#validate(task, held, task.held)
    }
    held.outer = task.held
    task.held = held
  }

  /** The class is its place's, so that it goes when the module does. */
  #register(map: lockdep_map, subclass: number): LockClass {
    const ofPlace = (map.key.state ??= []) as LockClass[]
    const lockClass = (ofPlace[subclass] ??= this.#newClass(map, subclass))
    map.classes[subclass] = lockClass
    return lockClass
  }

  #newClass({ key, wait_type }: lockdep_map, subclass: number): LockClass {
    const name = key.format?.() || `${key.file}:${key.line}`
    const version = (this.#names.get(name) ?? 0) + (subclass === 0 ? 1 : 0)
    this.#names.set(name, version)
    const suffix = (version > 1 ? `#${version}` : '') + (subclass ? `/${subclass}` : '')
    return new LockClass(name + suffix, wait_type)
  }

  #markUsage(task: Task, held: held_lock): void {
    const { class: lockClass } = held
    const bits = usageOf(task, held)
    if ((lockClass.usage & bits) === bits) return
    for (let bit = 1; bit <= bits; bit <<= 1) {
      if (bits & bit & ~lockClass.usage) this.#mark(task, held, bit)
    }
  }

  #mark(task: Task, held: held_lock, bit: number): void {
    const { class: lockClass } = held
    const conflict = lockClass.conflict(bit)
    lockClass.usage |= bit
    lockClass.traces.set(bit, this.#needs.stacks.here())
    if (conflict && this.#on.off()) {
      this.#needs.reports.inconsistentState(task, held, conflict, bit)
    }
  }

  /** Plain loops: this is done for each lock that is taken under another. */
  #validate(task: Task, next: held_lock, newest: held_lock): void {
    for (let prev: held_lock | undefined = newest; prev; prev = prev.outer) {
      if (prev.class !== next.class) continue
      if (next.read === READ_RECURSIVE && prev.read !== WRITE) return
      if (this.#on.off()) this.#needs.reports.recursiveLocking(task, next, prev)
      return
    }
    // A reader who does not wait for other readers is no link of a chain.
    if (next.read === READ_RECURSIVE) return
    for (let prev: held_lock | undefined = newest; prev; prev = prev.outer) {
      if (!prev.class.after.has(next.class)) this.#addDependency(task, prev, next)
      if (!prev.trylock) return
    }
  }

  #addDependency(task: Task, prev: held_lock, next: held_lock): void {
    const trace = this.#needs.stacks.here()
    const path = next.class.pathTo(prev.class)
    if (!path) prev.class.after.set(next.class, trace)
    else if (this.#on.off()) {
      this.#needs.reports.circularDependency(task, next, prev, path, trace)
    }
  }

  #releaseOuter(
    task: Task,
    lock: debugged_lock,
    map: lockdep_map,
    site: call_site | undefined,
  ): void {
    for (let inner = task.held; inner?.outer; inner = inner.outer) {
      if (inner.outer.instance !== lock) continue
      inner.outer = inner.outer.outer
      return
    }
    const { name } = map.classes[0] ?? this.#register(map, 0)
    if (this.#on.off()) this.#needs.reports.unlockImbalance(task, name, site)
  }

  #find(task: Task, lock: debugged_lock): held_lock | undefined {
    for (const held of outwards(task.held)) if (held.instance === lock) return held
    return undefined
  }

  /** A task leaves the kernel and holds locks. */
  #sys_exit(task: Task): void {
    if (task.held && this.#on.off()) this.#needs.reports.heldAtReturn(task)
  }
}

/** The states that taking `held` now shows its class to be in. */
function usageOf(task: Task, { read, trylock }: held_lock): number {
  const count = task.preempt_count
  let bits = 0
  if (!trylock) {
    if (count & HARDIRQ_MASK) bits |= USED_IN_HARDIRQ
    if (count & SOFTIRQ_OFFSET) bits |= USED_IN_SOFTIRQ
  }
  if (!task.irqs_disabled && (count & HARDIRQ_MASK) === 0) {
    bits |= ENABLED_HARDIRQ
    if ((count & SOFTIRQ_MASK) === 0) bits |= ENABLED_SOFTIRQ
  }
  return read === WRITE ? bits : forReaders(bits)
}
