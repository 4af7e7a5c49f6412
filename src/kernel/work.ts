// Pieces of work: queued, done by a thread, waited for, taken back. Linux: kernel/workqueue.c.

import { KERN_ERR } from '../include/linux/printk.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { wait_queue_head } from '../include/linux/wait.ts'
import {
  WORK_BUSY_PENDING,
  WORK_BUSY_RUNNING,
  type work_func_t,
  type work_item,
  type work_struct,
  type workqueue_struct,
} from '../include/linux/workqueue.ts'
import type { DebugObjects } from './debugobjects.ts'
import type { ModuleCode } from './module/code.ts'
import type { Traps } from './panic.ts'
import type { Printk } from './printk.ts'
import type { Scheduler, Task } from './sched.ts'
import type { WaitQueues } from './wait.ts'
import type { WorkerPool } from './worker_pool.ts'

interface Needs {
  sched: Scheduler
  wait: WaitQueues
  code: ModuleCode
  debugobjects: DebugObjects
  traps: Traps
  log: Printk
}

/** One time that a piece of work is queued. */
class Item implements work_item {
  readonly work: work_struct
  readonly wq: Workqueue
  /** It has run, or will not. */
  done = false
  /** Whoever does it. */
  task: Task | undefined
  /** The same work, queued again while this one runs. */
  again: Item | undefined

  constructor(work: work_struct, wq: Workqueue) {
    this.work = work
    this.wq = wq
  }
}

/** A queue, as works see it. */
export class Workqueue implements workqueue_struct {
  readonly name: string
  readonly max_active: number
  readonly pool: WorkerPool
  /** All that are not done, in the order in which they were queued. */
  readonly items = new Set<Item>()
  /** Those for whom there is no room beside max_active others. */
  readonly inactive = new Set<Item>()
  nr_active = 0
  /** Only work of its own may still queue work. */
  closed = false

  constructor(name: string, max_active: number, pool: WorkerPool) {
    this.name = name
    this.max_active = max_active
    this.pool = pool
  }
}

export class Works {
  static readonly EXPORT_SYMBOL = [
    '__init_work',
    'queue_work_on',
    'current_work',
  ] as const
  static readonly EXPORT_SYMBOL_GPL = [
    'flush_work',
    'cancel_work',
    'cancel_work_sync',
    'work_busy',
  ] as const

  readonly #needs: Needs
  readonly #running = new Set<Item>()
  /** Work that has been queued and has not begun. */
  readonly #queued = new Set<work_struct>()
  /** Woken whenever some work is done. */
  readonly #finished = new wait_queue_head()
  /** Of work for a queue that has ended; once is enough. */
  #warned = false

  constructor(needs: Needs) {
    this.#needs = needs
    const { code, debugobjects } = needs
    debugobjects.watch<work_struct>({
      name: 'work_struct',
      active: () => this.#queued,
      functionOf: work => work.func,
      remove: work => this.cancel_work(work),
    })
    code.onFree(isOf => {
      for (const { task, work } of this.#running)
        if (task && work.func && isOf(work.func)) code.orphan(task, work.func)
    })
  }

  __init_work<T>(work: work_struct<T>, func: work_func_t<T>): void {
    if (work.pending) {
      this.#needs.debugobjects.debug_print_object('init active', 'work_struct', work.func)
      this.cancel_work(work)
    }
    work.func = func
    work.pending = false
  }

  queue_work_on(_cpu: number, wq: workqueue_struct, work: work_struct): boolean {
    if (!this.claim(work)) return false
    this.__queue_work(wq, work)
    return true
  }

  async flush_work(work: work_struct): Promise<boolean> {
    if (this.#needs.traps.WARN_ON(!work.func)) return false
    const item = work.queued ?? work.running
    if (!item) return false
    await this.wait(item)
    return true
  }

  cancel_work(work: work_struct): boolean {
    const item = work.queued as Item | undefined
    if (!item) return false
    this.#unclaim(work)
    const { running } = work
    if (running && (running as Item).again === item) (running as Item).again = undefined
    this.#finish(item)
    return true
  }

  async cancel_work_sync(work: work_struct): Promise<boolean> {
    const wasPending = this.cancel_work(work)
    work.canceling++
    if (work.running) await this.wait(work.running)
    work.canceling--
    return wasPending
  }

  work_busy(work: work_struct): number {
    return (work.pending ? WORK_BUSY_PENDING : 0) | (work.running ? WORK_BUSY_RUNNING : 0)
  }

  current_work(): work_struct | null {
    return this.#currentItem()?.work ?? null
  }

  /** Until it has run, or will not. */
  wait(item: work_item): MaybePromise<number> {
    return this.#needs.wait.wait_event(this.#finished, () => item.done)
  }

  /** Take `work` to queue it: false if it is on its way, or is just being cancelled. */
  claim(work: work_struct): boolean {
    if (work.pending || work.canceling > 0) return false
    work.pending = true
    return true
  }

  /** Queue what has been claimed. */
  __queue_work(wq: workqueue_struct, work: work_struct): void {
    const queue = wq as Workqueue
    if (queue.closed && this.#currentItem()?.wq !== queue) {
      this.#needs.traps.WARN_ON(!this.#warned)
      this.#warned = true
      return
    }
    const item = new Item(work, queue)
    work.queued = item
    this.#queued.add(work)
    queue.items.add(item)
    if (queue.nr_active < queue.max_active) this.#activate(item)
    else queue.inactive.add(item)
  }

  #unclaim(work: work_struct): void {
    work.pending = false
    work.queued = undefined
    this.#queued.delete(work)
  }

  #activate(item: Item): void {
    const { wq } = item
    wq.inactive.delete(item)
    wq.nr_active++
    wq.pool.add(() => this.#process(item))
  }

  /** The same work never runs twice at once: then it follows. */
  async #process(item: Item): Promise<'done' | 'crashed'> {
    const { work, wq } = item
    if (item.done) return 'done'
    if (work.running) {
      ;(work.running as Item).again = item
      return 'done'
    }
    this.#unclaim(work)
    work.running = item
    item.task = this.#needs.sched.current
    this.#running.add(item)
    if ((await this.#call(item.task, work)) === 'crashed') return 'crashed'
    this.#running.delete(item)
    work.running = undefined
    this.#finish(item)
    const { again } = item
    if (again) wq.pool.add(() => this.#process(again))
    return 'done'
  }

  async #call(task: Task, work: work_struct): Promise<'done' | 'crashed'> {
    const { code, traps } = this.#needs
    const func = work.func as work_func_t | undefined
    try {
      if (func) code.check(func)
      await (func as work_func_t)(work)
    } catch (exception) {
      traps.die(exception)
      return 'crashed'
    }
    if (task.preempt_count !== 0) this.#leaked(task, func)
    return 'done'
  }

  #finish(item: Item): void {
    const { wq } = item
    item.done = true
    wq.items.delete(item)
    if (!wq.inactive.delete(item)) this.#makeRoom(wq)
    this.#needs.wait.wake_up_all(this.#finished)
  }

  #makeRoom(wq: Workqueue): void {
    wq.nr_active--
    const [next] = wq.inactive
    if (next) this.#activate(next)
  }

  #currentItem(): Item | undefined {
    const { current } = this.#needs.sched
    for (const item of this.#running) if (item.task === current) return item
    return undefined
  }

  #leaked(task: Task, func: work_func_t | undefined): void {
    const { log, traps } = this.#needs
    log.printk(
      `${KERN_ERR}BUG: workqueue leaked lock or atomic: %s/0x%08x/%d\n     last function: %ps\n`,
      task.comm,
      task.preempt_count,
      task.pid,
      func,
    )
    traps.dump_stack()
    task.preempt_count = 0
  }
}
