// Entering the simulated kernel on behalf of a program of the host.

import type { file, inode } from '../include/linux/fs.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { callDriver } from '../fs/driver_call.ts'
import type { Inode, Owner } from '../fs/inode.ts'
import type { OpenFile } from '../fs/file.ts'
import type { OpenFiles } from '../fs/open.ts'
import type { Traps } from '../kernel/panic.ts'
import { type Identity, type Scheduler, Task } from '../kernel/sched.ts'
import { isPromise } from '../lib/is_promise.ts'
import type { user_memory } from '../lib/usercopy.ts'
import type { AddressSpace } from '../mm/address_space.ts'
import type { Caller } from './filesystem.ts'
import { HostIdentity, ProcessIdentity } from './host_task.ts'
import type { Ids } from './ids.ts'
import type { PageCache } from './page_cache.ts'
import type { SystemCalls } from './system_call.ts'

/** The parts of a kernel that programs reach through files. */
export interface Machine {
  readonly root: Inode
  readonly sched: Scheduler
  readonly traps: Traps
  readonly files: OpenFiles
  readonly newAddressSpace: () => AddressSpace
}

/** What the bridge to it needs of its surroundings. */
export interface Needs {
  machine: Machine
  /** Is this caller in a system call that only looks at a file? */
  looksOnly: (pid: number) => boolean
  systemCalls: SystemCalls
  ids: Ids
  memoryOf: (pid: number) => user_memory
  notifyPoll: (kh: bigint) => void
  /** The host's copies of what programs have mapped. */
  pageCache: PageCache
  /** The file system's number as /proc/<pid>/maps shows it: "00:2d". undefined: nothing can be mapped. */
  device: string | undefined
  /** A supervisor's ioctl FORWARD (src/syscall/forward.ts): what it answers. */
  forward?: (file: OpenFile, arg: bigint, pid: number) => number
  /** Does that process only borrow the files of other programs, to make their calls? */
  isSupervisor?: (pid: number) => boolean
  /** What only supervisor `pid` finds at `path`: a file that it is to hand on. */
  given?: (pid: number, path: string) => inode | undefined
  /** That file, once. */
  takeGiven?: (pid: number, inode: inode) => file | undefined
}

export class KernelEntry {
  protected readonly needs: Needs
  protected readonly sched: Scheduler
  protected readonly traps: Traps
  /** Calls that have not answered yet, by the request's number. */
  protected readonly sleeping = new Map<number, Task>()

  readonly #memoryOf = (pid: number) => this.memoryOf(pid)

  constructor(needs: Needs) {
    this.needs = needs
    this.sched = needs.machine.sched
    this.traps = needs.machine.traps
  }

  /** A program got a signal while its request `unique` was waiting; its thread, if the request did not say. */
  interrupt(unique: number, pid?: number): void {
    const task = this.sleeping.get(unique)
    if (!task) return
    if (pid !== undefined)
      task.identify(new ProcessIdentity(pid, this.needs.ids, this.#memoryOf))
    this.sched.signal_wake_up(task)
  }

  /** `identity` as a task of the simulated kernel, which runs from now on. */
  protected enter(identity: Identity): Task {
    const task = new Task(identity)
    this.sched.current = task
    return task
  }

  protected identity(caller: Caller): HostIdentity {
    return new HostIdentity(caller, this.needs.ids, this.#memoryOf)
  }

  /** `caller` as a task. */
  protected task(caller: Caller): Task {
    return new Task(this.identity(caller))
  }

  /** What a driver reads and writes at the addresses of process `pid`. */
  memoryOf(pid: number): user_memory {
    return this.needs.memoryOf(pid)
  }

  /**
   * Enter the kernel as `caller`, or as `identity` on its behalf. If the call does not end at once it stays
   * `current`, until Scheduler.settle() has let it run as far as it gets.
   */
  protected call<T>(
    caller: Caller,
    call: () => MaybePromise<T>,
    identity: Identity = this.identity(caller),
  ): MaybePromise<T> {
    const task = this.enter(identity)
    const answer = call()
    if (!isPromise(answer)) {
      this.sched.leave(task)
      this.sched.current = this.sched.idle
      return answer
    }
    const { unique } = caller
    this.fallAsleep(unique, task)
    return answer.finally(() => {
      this.sleeping.delete(unique)
      this.sched.leave(task)
    })
  }

  /** Request `unique` is `task` from now on. A signal that came before, to what it was then, is this one's. */
  protected fallAsleep(unique: number, task: Task): void {
    const before = this.sleeping.get(unique)
    this.sleeping.set(unique, task)
    if (before?.signalled) this.sched.signal_wake_up(task)
  }

  protected driver(
    caller: Caller,
    call: () => unknown,
    identity?: Identity,
  ): MaybePromise<number> {
    return this.call(caller, () => callDriver(this.traps, call), identity)
  }

  /** Who owns what `caller` makes or opens, in the machine's terms. */
  protected owner({ uid, gid }: Caller): Owner {
    const { ids } = this.needs
    return { uid: ids.uid(uid), gid: ids.gid(gid) }
  }
}
