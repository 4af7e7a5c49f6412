// Threads of the kernel: tasks that no program has made. Linux: kernel/kthread.c.

import { completion } from '../include/linux/completion.ts'
import { EINTR } from '../include/linux/errno.ts'
import type { task_struct } from '../include/linux/sched.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { Completions } from './completion.ts'
import type { Callback, ModuleCode } from './module/code.ts'
import type { Traps } from './panic.ts'
import { type Scheduler, Task } from './sched.ts'

/** swapper is 0, init 1, kthreadd 2. */
const FIRST_PID = 3
/** Characters of a task's name. */
const TASK_COMM_LEN = 15

/** How kthread_exit() ends the function that called it: it does not return. */
class Exit extends Error {
  readonly code: number

  constructor(code: number) {
    super('kthread_exit() in a task that is no thread of the kernel')
    this.code = code
  }
}

interface Needs {
  sched: Scheduler
  completions: Completions
  traps: Traps
  code: ModuleCode
}

class Kthread {
  shouldStop = false
  result = 0
  readonly exited = new completion()
  readonly task: Task
  readonly threadfn: Callback

  constructor(task: Task, threadfn: Callback) {
    this.task = task
    this.threadfn = threadfn
  }
}

export class Kthreads {
  static readonly EXPORT_SYMBOL = [
    'kthread_create_on_node',
    'kthread_stop',
    'kthread_should_stop',
    'kthread_bind',
    'kthread_complete_and_exit',
  ] as const

  readonly #needs: Needs
  readonly #known = new WeakMap<task_struct, Kthread>()
  /** Those that have not ended. */
  readonly #alive = new Set<Kthread>()
  #nextPid = FIRST_PID

  constructor(needs: Needs) {
    this.#needs = needs
    needs.code.onFree(isOf => {
      for (const { task, threadfn } of this.#alive)
        if (isOf(threadfn)) needs.code.orphan(task, threadfn)
    })
  }

  /** A thread that sleeps until wake_up_process() and then calls `threadfn(data)`. */
  kthread_create_on_node<T>(
    threadfn: (data: T) => MaybePromise<number>,
    data: T,
    _node: number,
    fmt: string,
    ...args: unknown[]
  ): task_struct {
    const name = vsnprintf(fmt, args).slice(0, TASK_COMM_LEN)
    const task = new Task({
      pid: this.#nextPid++,
      uid: 0,
      gid: 0,
      comm: () => name,
      dying: () => false,
    })
    const self = new Kthread(task, threadfn)
    this.#known.set(task, self)
    this.#alive.add(self)
    void this.#needs.sched.spawnAsleep(task, () => this.#kthread(self, threadfn, data))
    return task
  }

  async kthread_stop(k: task_struct): Promise<number> {
    const self = this.#of(k)
    self.shouldStop = true
    this.#needs.sched.wake_up_process(k)
    await this.#needs.completions.wait_for_completion(self.exited)
    return self.result
  }

  kthread_should_stop(): boolean {
    const self = this.#of(this.#needs.sched.current)
    this.#needs.code.check(self.threadfn)
    return self.shouldStop
  }

  kthread_bind(_k: task_struct, cpu: number): void {
    this.#needs.traps.WARN_ON(cpu !== 0)
  }

  kthread_complete_and_exit(comp: completion | null, code: number): never {
    if (comp) this.#needs.completions.complete(comp)
    throw new Exit(code)
  }

  /** Of a task that is none of them, it is a bad pointer. */
  #of(k: task_struct): Kthread {
    const self = this.#known.get(k)
    if (!self) throw new TypeError(`${k.comm}[${k.pid}] is no thread of the kernel`)
    return self
  }

  /** What a thread does from its first wake-up on. One that is stopped before does nothing. */
  async #kthread<T>(
    self: Kthread,
    threadfn: (data: T) => MaybePromise<number>,
    data: T,
  ): Promise<void> {
    self.result = self.shouldStop ? -EINTR : await this.#run(threadfn, data)
    this.#alive.delete(self)
    this.#needs.completions.complete_all(self.exited)
  }

  /** An oops ends the thread, and nobody else. */
  async #run<T>(threadfn: (data: T) => MaybePromise<number>, data: T): Promise<number> {
    try {
      this.#needs.code.check(threadfn)
      return (await threadfn(data)) | 0
    } catch (exception) {
      if (exception instanceof Exit) return exception.code
      this.#needs.traps.die(exception)
      return 0
    }
  }
}
