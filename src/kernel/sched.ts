// The scheduler of the one CPU: who is `current`, who waits for it. Linux: kernel/sched/core.c.
//
// A task is an asynchronous call into the kernel. It runs until it awaits a sleep of this kernel;
// then the next one on the run queue gets the CPU. Waking a sleeper only puts it on the run
// queue. Each step ends with draining the microtask queue, so everything that a step set in motion
// (the awaits of a driver's nested functions) has run, under the right `current`, before
// the next task's step begins. That is why no AsyncLocalStorage is needed.

import {
  TASK_INTERRUPTIBLE,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
  type task_struct,
} from '../include/linux/sched.ts'
import { new_decode_dev } from '../include/linux/kdev_t.ts'
import type { dev_t, MaybePromise } from '../include/linux/types.ts'
import { no_memory, type user_memory } from '../lib/usercopy.ts'

/** What the doors know of a caller. Names are asked for only when somebody reads them. */
export interface Identity {
  readonly pid: number
  readonly uid: number
  readonly gid: number
  tgid?(): number
  comm?(): string
  /** Deliver a signal to the calling process, if there is one. */
  kill?(signal: number): void
  /** Is it being killed? Asked only once it has got a signal. */
  dying?(): boolean
  /** The memory of the process. */
  memory?(): user_memory
  /** The number of its controlling terminal, as programs see it: 0x8800 is /dev/pts/0. 0 if it has none. */
  tty?(): number
}

export class Task implements task_struct {
  /** TASK_*: what schedule() will make of it. */
  state: number = TASK_RUNNING
  /** Set by a signal: interruptible sleeps end, and new ones do not begin. */
  signalled = false
  /** As in include/linux/preempt.ts: above 0 it may not sleep. */
  preempt_count = 0
  /**
   * The sleeps it is in: one, but for a driver that waits for several things with Promise.all().
   * Any wake-up ends them all, since who sleeps looks at his condition again anyway.
   */
  sleeps: Sleep[] = []
  readonly #identity: Identity

  constructor(identity: Identity) {
    this.#identity = identity
  }

  get pid(): number {
    return this.#identity.pid
  }

  get tgid(): number {
    return this.#identity.tgid?.() ?? this.#identity.pid
  }

  get comm(): string {
    return this.#identity.comm?.() ?? ''
  }

  get cred(): { uid: number; gid: number } {
    return this.#identity
  }

  kill(signal: number): void {
    this.#identity.kill?.(signal)
  }

  get memory(): user_memory {
    return this.#identity.memory?.() ?? no_memory
  }

  get tty(): dev_t {
    return new_decode_dev(this.#identity.tty?.() ?? 0)
  }

  /** Without somebody to ask, any signal is a deadly one. */
  get dying(): boolean {
    return this.signalled && (this.#identity.dying?.() ?? true)
  }
}

interface Sleep {
  /** TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE. */
  readonly state: number
  readonly resume: () => void
}

interface Step {
  task: Task
  run: () => void
}

/**
 * Run everything that is waiting in the microtask queue, now. Only at the top of the stack: within
 * a microtask it has no effect. Node has no public call for this.
 */
function drainMicrotasks(): void {
  ;(process as unknown as { _tickCallback: () => void })._tickCallback()
}

export class Scheduler {
  static readonly EXPORT_SYMBOL = [
    'current',
    'set_current_state',
    'schedule',
    'wake_up_process',
    'signal_pending',
  ] as const

  /** What runs when nobody does: timers and interrupts see it as `current`. */
  readonly idle = new Task({ pid: 0, uid: 0, gid: 0, comm: () => 'swapper/0' })
  current: Task = this.idle
  /** Told of a task that is about to sleep although it holds spinlocks. */
  onAtomicSleep: (task: Task) => void = () => {}
  #runQueue: Step[] = []
  readonly #yielded: Step[] = []
  #scheduled = false
  #running = false

  set_current_state(state: number): void {
    this.current.state = state
  }

  /** Sleep as the task's state says, until wake_up_process(); a running task only yields. */
  schedule(): Promise<void> {
    const task = this.current
    if (task.preempt_count > 0) {
      this.onAtomicSleep(task)
      task.preempt_count = 0
    }
    const { state } = task
    const stays =
      state === TASK_RUNNING || (state === TASK_INTERRUPTIBLE && task.signalled)
    task.state = TASK_RUNNING
    return new Promise(resume => {
      if (stays) this.#yield(task, resume)
      else task.sleeps.push({ state, resume })
    })
  }

  /** Put a sleeper back on the run queue; false if it was not asleep. */
  wake_up_process(p: task_struct): boolean {
    const task = p as Task
    const { sleeps } = task
    if (sleeps.length === 0) return false

    task.sleeps = []
    for (const { resume } of sleeps) this.#enqueue(task, resume)
    return true
  }

  signal_pending(p: task_struct): boolean {
    return (p as Task).signalled
  }

  /** Has `p` got a signal that ends its process? */
  fatal_signal_pending(p: task_struct): boolean {
    return (p as Task).dying
  }

  /** A signal for `task`: it ends interruptible sleeps only. */
  signal_wake_up(task: Task): void {
    task.signalled = true
    if (task.sleeps.some(({ state }) => state === TASK_INTERRUPTIBLE)) {
      this.wake_up_process(task)
    }
  }

  /** Run `call` as `task` from the run queue: how a call begins that has a promise to wait on. */
  spawn<T>(task: Task, call: () => MaybePromise<T>): Promise<T> {
    const asleep = this.spawnAsleep(task, call)
    this.wake_up_process(task)
    return asleep
  }

  /** As spawn(), but the task begins asleep, as threads of the kernel do: wake_up_process() starts it. */
  spawnAsleep<T>(task: Task, call: () => MaybePromise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const resume = () => {
        try {
          resolve(call())
        } catch (error) {
          reject(error as Error)
        }
      }
      task.sleeps.push({ state: TASK_UNINTERRUPTIBLE, resume })
    })
  }

  /**
   * `current` was called at the top of the stack and has not answered at once: let it run on
   * until it sleeps.
   */
  settle(): void {
    drainMicrotasks()
    this.current = this.idle
  }

  /** Give the CPU to all who are ready, in turn. Called at the top of the stack. */
  run(): void {
    if (this.#running) return
    this.#running = true
    this.#runQueue.push(...this.#yielded.splice(0))
    while (this.#runQueue.length > 0) {
      const steps = this.#runQueue
      this.#runQueue = []
      for (const step of steps) {
        this.current = step.task
        step.run()
        drainMicrotasks()
      }
    }
    this.current = this.idle
    this.#running = false
    if (this.#yielded.length > 0) this.#wakeCpu()
  }

  /** Who only yields goes on after the host's events: interrupts come between two turns of his. */
  #yield(task: Task, run: () => void): void {
    this.#yielded.push({ task, run })
    this.#wakeCpu()
  }

  #enqueue(task: Task, run: () => void): void {
    this.#runQueue.push({ task, run })
    this.#wakeCpu()
  }

  #wakeCpu(): void {
    if (this.#scheduled || this.#running) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.run()
    })
  }
}
