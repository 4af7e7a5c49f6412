// Tasklets: functions that interrupts leave for a little later. Linux: kernel/softirq.c.

import type { tasklet_struct } from '../include/linux/tasklet.ts'
import { TASK_UNINTERRUPTIBLE } from '../include/linux/sched.ts'
import type { ModuleCode } from './module/code.ts'
import type { Scheduler, Task } from './sched.ts'
import type { Softirqs } from './softirq.ts'

interface Needs {
  sched: Scheduler
  softirqs: Softirqs
  code: ModuleCode
}

export class Tasklets {
  static readonly EXPORT_SYMBOL = [
    '__tasklet_schedule',
    '__tasklet_hi_schedule',
    'tasklet_setup',
    'tasklet_init',
    'tasklet_kill',
  ] as const

  readonly #needs: Needs
  readonly #queues: Record<'HI' | 'TASKLET', tasklet_struct[]> = { HI: [], TASKLET: [] }
  /** Those in tasklet_kill(). */
  #waiting: Task[] = []

  constructor(needs: Needs) {
    this.#needs = needs
    const { softirqs } = needs
    softirqs.open_softirq('HI', () => this.#action('HI'))
    softirqs.open_softirq('TASKLET', () => this.#action('TASKLET'))
  }

  tasklet_setup<T>(t: tasklet_struct<T>, callback: (t: tasklet_struct<T>) => void): void {
    t.callback = callback
    t.func = callback
    t.scheduled = false
    t.count = 0
  }

  tasklet_init<D>(t: tasklet_struct, func: (data: D) => void, data: D): void {
    this.tasklet_setup(t, () => func(data))
    t.func = func
  }

  __tasklet_schedule(t: tasklet_struct): void {
    this.#enqueue('TASKLET', t)
  }

  __tasklet_hi_schedule(t: tasklet_struct): void {
    this.#enqueue('HI', t)
  }

  async tasklet_kill(t: tasklet_struct): Promise<void> {
    const { sched } = this.#needs
    while (t.scheduled) {
      this.#waiting.push(sched.current)
      sched.set_current_state(TASK_UNINTERRUPTIBLE)
      await sched.schedule()
    }
  }

  #enqueue(queue: 'HI' | 'TASKLET', t: tasklet_struct): void {
    this.#queues[queue].push(t)
    this.#needs.softirqs.raise_softirq(queue)
  }

  /** One that is disabled stays, and the softirq goes on asking for it, as on Linux. */
  #action(queue: 'HI' | 'TASKLET'): void {
    for (const t of this.#queues[queue].splice(0)) {
      if (t.count > 0) this.#enqueue(queue, t)
      else this.#run(t)
    }
  }

  #run(t: tasklet_struct): void {
    t.scheduled = false
    this.#needs.code.call(t.callback as (t: tasklet_struct) => void, t, t.func)
    for (const task of this.#waiting.splice(0)) this.#needs.sched.wake_up_process(task)
  }
}
