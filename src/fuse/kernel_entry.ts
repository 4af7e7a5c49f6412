// Entering the simulated kernel on behalf of a program of the host.

import type { MaybePromise } from '../include/linux/types.ts'
import { callDriver } from '../fs/driver_call.ts'
import type { Inode, Owner } from '../fs/inode.ts'
import type { OpenFiles } from '../fs/open.ts'
import type { Traps } from '../kernel/panic.ts'
import { type Scheduler, Task } from '../kernel/sched.ts'
import type { user_memory } from '../lib/usercopy.ts'
import type { Caller } from './filesystem.ts'
import { HostIdentity } from './host_task.ts'
import type { Ids } from './ids.ts'

/** The parts of a kernel that programs reach through files. */
export interface Machine {
  readonly root: Inode
  readonly sched: Scheduler
  readonly traps: Traps
  readonly files: OpenFiles
}

/** What the bridge to it needs of its surroundings. */
export interface Needs {
  machine: Machine
  /** Is this caller in a system call that only looks at a file? */
  looksOnly: (pid: number) => boolean
  /** What fstat(2) tells this caller of an open device that has a position. */
  sizeOfOpenDevice: (pid: number) => number
  ids: Ids
  memoryOf: (pid: number) => user_memory
  notifyPoll: (kh: bigint) => void
}

export class KernelEntry {
  protected readonly needs: Needs
  protected readonly sched: Scheduler
  protected readonly traps: Traps
  /** Calls that have not answered yet, by the request's number. */
  protected readonly sleeping = new Map<number, Task>()

  constructor(needs: Needs) {
    this.needs = needs
    this.sched = needs.machine.sched
    this.traps = needs.machine.traps
  }

  /** A program got a signal while its request `unique` was waiting. */
  interrupt(unique: number): void {
    const task = this.sleeping.get(unique)
    if (task) this.sched.signal_wake_up(task)
  }

  /** `caller` as a task of the simulated kernel, which runs from now on. */
  protected enter(caller: Caller): Task {
    const { ids, memoryOf } = this.needs
    const task = new Task(new HostIdentity(caller, ids, memoryOf))
    this.sched.current = task
    return task
  }

  /**
   * Enter the kernel as `caller`. If the call does not end at once it stays `current`, until
   * Scheduler.settle() has let it run as far as it gets.
   */
  protected call<T>(caller: Caller, call: () => MaybePromise<T>): MaybePromise<T> {
    const task = this.enter(caller)
    const answer = call()
    if (!(answer instanceof Promise)) {
      this.sched.leave(task)
      this.sched.current = this.sched.idle
      return answer
    }
    const { unique } = caller
    this.sleeping.set(unique, task)
    return answer.finally(() => {
      this.sleeping.delete(unique)
      this.sched.leave(task)
    })
  }

  protected driver(caller: Caller, call: () => unknown): MaybePromise<number> {
    return this.call(caller, () => callDriver(this.traps, call))
  }

  /** Who owns what `caller` makes or opens, in the machine's terms. */
  protected owner({ uid, gid }: Caller): Owner {
    const { ids } = this.needs
    return { uid: ids.uid(uid), gid: ids.gid(gid) }
  }
}
