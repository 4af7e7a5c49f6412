// The threads that do the work of workqueues. Linux: worker_thread() in kernel/workqueue.c.
//
// Works are done one after the other as long as none sleeps. While one does, another thread goes on
// with the next.

import { TASK_INTERRUPTIBLE, type task_struct } from '../include/linux/sched.ts'
import type { Kthreads } from './kthread.ts'
import type { Scheduler } from './sched.ts'

/** Something to do. */
export type Job = () => Promise<'done' | 'crashed'>

export class WorkerPool {
  readonly #sched: Scheduler
  readonly #kthreads: Kthreads
  /** "0" and "H" of kworker/0:1H. */
  readonly #cpu: string
  readonly #suffix: string
  readonly #jobs: Job[] = []
  readonly #idle: task_struct[] = []
  /** Somebody has been woken who has not looked yet. */
  #waking = false
  #nextId = 0

  constructor(sched: Scheduler, kthreads: Kthreads, cpu: string, suffix = '') {
    this.#sched = sched
    this.#kthreads = kthreads
    this.#cpu = cpu
    this.#suffix = suffix
  }

  add(job: Job): void {
    this.#jobs.push(job)
    this.#wake_up_worker()
  }

  #wake_up_worker(): void {
    if (this.#waking) return
    this.#waking = true
    this.#sched.wake_up_process(this.#idle.pop() ?? this.#create_worker())
  }

  #create_worker(): task_struct {
    const name = `kworker/${this.#cpu}:${this.#nextId++}${this.#suffix}`
    const fn = () => this.#worker_thread()
    return this.#kthreads.kthread_create_on_node(fn, null, 0, '%s', name)
  }

  /** A work that crashes takes its thread with it. */
  async #worker_thread(): Promise<number> {
    const { current } = this.#sched
    for (;;) {
      this.#waking = false
      for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
        if (this.#jobs.length > 0) this.#wake_up_worker()
        if ((await job()) === 'crashed') return 0
      }
      this.#idle.push(current as task_struct)
      this.#sched.set_current_state(TASK_INTERRUPTIBLE)
      await this.#sched.schedule()
    }
  }
}
