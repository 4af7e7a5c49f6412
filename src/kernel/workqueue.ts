// Workqueues: made, emptied, ended. Linux: kernel/workqueue.c.

import { KERN_WARNING } from '../include/linux/printk.ts'
import {
  WQ_DFL_ACTIVE,
  WQ_HIGHPRI,
  WQ_MAX_ACTIVE,
  WQ_UNBOUND,
  type workqueue_struct,
} from '../include/linux/workqueue.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { Kthreads } from './kthread.ts'
import type { Printk } from './printk.ts'
import type { Scheduler } from './sched.ts'
import { Workqueue, type Works } from './work.ts'
import { WorkerPool } from './worker_pool.ts'

interface Needs {
  sched: Scheduler
  kthreads: Kthreads
  log: Printk
  works: Works
}

/** Characters of a queue's name. */
const WQ_NAME_LEN = 23

export class Workqueues {
  static readonly EXPORT_SYMBOL = ['system_wq', '__flush_workqueue'] as const
  static readonly EXPORT_SYMBOL_GPL = [
    'system_highpri_wq',
    'system_long_wq',
    'system_unbound_wq',
    'system_freezable_wq',
    'system_power_efficient_wq',
    'alloc_workqueue',
    'destroy_workqueue',
    'drain_workqueue',
  ] as const

  readonly system_wq: workqueue_struct
  readonly system_highpri_wq: workqueue_struct
  readonly system_long_wq: workqueue_struct
  readonly system_unbound_wq: workqueue_struct
  readonly system_freezable_wq: workqueue_struct
  readonly system_power_efficient_wq: workqueue_struct
  readonly #log: Printk
  readonly #works: Works
  readonly #pools: Record<'bound' | 'highpri' | 'unbound', WorkerPool>

  constructor({ sched, kthreads, log, works }: Needs) {
    this.#log = log
    this.#works = works
    this.#pools = {
      bound: new WorkerPool(sched, kthreads, '0'),
      highpri: new WorkerPool(sched, kthreads, '0', 'H'),
      unbound: new WorkerPool(sched, kthreads, 'u2'),
    }
    this.system_wq = this.alloc_workqueue('events', 0, 0)
    this.system_highpri_wq = this.alloc_workqueue('events_highpri', WQ_HIGHPRI, 0)
    this.system_long_wq = this.alloc_workqueue('events_long', 0, 0)
    this.system_unbound_wq = this.alloc_workqueue('events_unbound', WQ_UNBOUND, 0)
    this.system_freezable_wq = this.alloc_workqueue('events_freezable', 0, 0)
    this.system_power_efficient_wq = this.alloc_workqueue('events_power_efficient', 0, 0)
  }

  alloc_workqueue(
    fmt: string,
    flags: number,
    max_active: number,
    ...args: unknown[]
  ): workqueue_struct {
    const name = vsnprintf(fmt, args).slice(0, WQ_NAME_LEN)
    const limit = this.#clamp(max_active || WQ_DFL_ACTIVE, name)
    const { bound, highpri, unbound } = this.#pools
    const pool = flags & WQ_UNBOUND ? unbound : flags & WQ_HIGHPRI ? highpri : bound
    return new Workqueue(name, limit, pool)
  }

  async drain_workqueue(wq: workqueue_struct): Promise<void> {
    const queue = wq as Workqueue
    queue.closed = true
    while (queue.items.size > 0) await this.__flush_workqueue(wq)
    queue.closed = false
  }

  async destroy_workqueue(wq: workqueue_struct): Promise<void> {
    await this.drain_workqueue(wq)
    const queue = wq as Workqueue
    queue.closed = true
  }

  async __flush_workqueue(wq: workqueue_struct): Promise<void> {
    for (const item of Array.from((wq as Workqueue).items)) await this.#works.wait(item)
  }

  #clamp(max_active: number, name: string): number {
    if (max_active >= 1 && max_active <= WQ_MAX_ACTIVE) return max_active
    this.#log.printk(
      `${KERN_WARNING}workqueue: max_active %d requested for %s is out of range, clamping between %d and %d\n`,
      max_active,
      name,
      1,
      WQ_MAX_ACTIVE,
    )
    return Math.min(Math.max(max_active, 1), WQ_MAX_ACTIVE)
  }
}
