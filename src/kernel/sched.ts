// The scheduler of the one CPU: who is `current`, who waits for it. Linux: kernel/sched/core.c.
//
// A task is an asynchronous call into the kernel. It runs until it awaits a sleep of this kernel;
// then the next one on the run queue gets the CPU. Waking a sleeper only puts it on the run
// queue. Each step ends with draining the microtask queue, so everything that a step set in motion
// (the awaits of a driver's nested functions) has run, under the right `current`, before
// the next task's step begins. That is why no AsyncLocalStorage is needed.

import { HZ } from '../include/linux/jiffies.ts'
import {
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
  TASK_WAKEKILL,
  type task_struct,
} from '../include/linux/sched.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { TRACE_DEPTH } from './stack.ts'
import { Sleep, Task } from './task.ts'

export { type Identity, Task } from './task.ts'

/** How often to look whether somebody who got a signal is being killed, in milliseconds. */
const DYING_INTERVAL = 50
/** How long a task may run before cond_resched() lets others, in milliseconds. */
const SLICE = 1000 / HZ

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

/** Any sleep, whatever its state. */
const TASK_ANY = ~TASK_RUNNING

export class Scheduler {
  static readonly EXPORT_SYMBOL = [
    'current',
    'wake_up_process',
    '__cond_resched',
  ] as const

  /** What runs when nobody does: timers and interrupts see it as `current`. */
  readonly idle = new Task({ pid: 0, uid: 0, gid: 0, comm: () => 'swapper/0' })
  current: Task = this.idle
  /** Those who sleep so that no signal ends it. */
  readonly blocked = new Set<Task>()
  /** Told of a task that is about to sleep although it holds spinlocks. */
  onAtomicSleep: (task: Task) => void = () => {}
  /** Told of a task that is about to sleep although it reads under RCU. */
  onRcuSleep: () => void = () => {}
  /** Told of a task whose call is over although it holds locks. */
  onReturn: (task: Task) => void = () => {}
  #runQueue: Step[] = []
  /** Those who only let the others have their turn: theirs comes when the host's has been, too. */
  #yielded: Step[] = []
  #scheduled = false
  #running = false
  #lastYield = performance.now()

  set_current_state(state: number): void {
    this.current.__state = state
  }

  /** Sleep as the task's state says, until it is woken; a running task only yields. */
  schedule(): Promise<void> {
    return this.schedule_in(Promise)
  }

  /** As schedule(), with a promise of the realm that `Its` is of. */
  schedule_in(Its: PromiseConstructor): Promise<void> {
    const task = this.current
    if (task.preempt_count > 0) {
      this.onAtomicSleep(task)
      task.preempt_count = 0
    }
    if (task.rcu_read_lock_nesting > 0) this.onRcuSleep()
    const { __state: state } = task
    const stays = state === TASK_RUNNING || task.signal_pending_state(state)
    task.__state = TASK_RUNNING
    return new Its(resume => {
      if (stays) this.#yield(task, resume)
      else if (state === TASK_UNINTERRUPTIBLE) this.#block(task, resume)
      else this.#sleep(task, new Sleep(state, resume))
    })
  }

  /** Let others run if it is time to: whether it was. */
  __cond_resched(): MaybePromise<number> {
    const isDue = this.#runQueue.length > 0 || performance.now() - this.#lastYield > SLICE
    return isDue && this.current.__state === TASK_RUNNING
      ? this.schedule().then(() => 1)
      : 0
  }

  /** Put a sleeper back on the run queue; false if it was not asleep. */
  wake_up_process(p: task_struct): boolean {
    return this.try_to_wake_up(p as Task, TASK_ANY)
  }

  /**
   * As wake_up_process(), for one whose state is in `mode`. One who is about to sleep will not; he
   * counts as woken.
   */
  try_to_wake_up(task: Task, mode: number): boolean {
    if (!task.sleep) {
      if ((task.__state & mode) === 0) return false
      task.__state = TASK_RUNNING
      return true
    }
    if (!task.sleepsIn(mode)) return false
    this.blocked.delete(task)
    let sleep: Sleep | undefined = task.sleep
    task.sleep = undefined
    for (; sleep; sleep = sleep.next) this.#enqueue(task, sleep.resume)
    return true
  }

  /** A signal for `task`: it ends interruptible sleeps, and killable ones if it is deadly. */
  signal_wake_up(task: Task): void {
    task.signalled = true
    if ([...task.sleeps()].some(({ state }) => task.signal_pending_state(state))) {
      this.try_to_wake_up(task, TASK_ANY)
    } else this.#watchDying(task)
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
      task.fallAsleep(new Sleep(TASK_UNINTERRUPTIBLE, resume))
    })
  }

  /** The call that `task` was is over. */
  leave(task: Task): void {
    if (task.held !== undefined) this.onReturn(task)
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
    this.#lastYield = performance.now()
    if (this.#yielded.length > 0) {
      this.#runQueue = this.#yielded
      this.#yielded = []
      this.#wakeCpu()
    }
  }

  /** No signal ends this sleep; should it never end, somebody will ask where it began. */
  #block(task: Task, resume: () => void): void {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = TRACE_DEPTH
    task.fallAsleep(new Sleep(TASK_UNINTERRUPTIBLE, resume, new Error('asleep')))
    Error.stackTraceLimit = stackTraceLimit
    this.blocked.add(task)
  }

  #sleep(task: Task, sleep: Sleep): void {
    task.fallAsleep(sleep)
    if (task.signalled) this.#watchDying(task)
  }

  /**
   * The host tells of a caller's first signal only, and not whether it is deadly. So after one, look
   * at intervals whether a killable sleep has to end.
   */
  #watchDying(task: Task): void {
    if (!task.sleepsIn(TASK_WAKEKILL)) return
    setTimeout(() => {
      if (task.sleepsIn(TASK_WAKEKILL) && task.dying) this.try_to_wake_up(task, TASK_ANY)
      else this.#watchDying(task)
    }, DYING_INTERVAL)
  }

  #yield(task: Task, run: () => void): void {
    ;(this.#running ? this.#yielded : this.#runQueue).push({ task, run })
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
