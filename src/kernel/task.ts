// A thread that is in the kernel: one call of a program, or a thread of the kernel's own.
// Linux: struct task_struct.

import {
  TASK_INTERRUPTIBLE,
  TASK_RUNNING,
  TASK_WAKEKILL,
  type task_struct,
} from '../include/linux/sched.ts'
import type { file } from '../include/linux/fs.ts'
import { new_decode_dev } from '../include/linux/kdev_t.ts'
import type { dev_t } from '../include/linux/types.ts'
import { no_memory, type user_memory } from '../lib/usercopy.ts'
import type { held_lock } from './locking/held_lock.ts'

/** What the doors know of a caller. Names are asked for only when somebody reads them. */
export interface Identity {
  readonly pid: number
  readonly uid: number
  readonly gid: number
  tgid?(): number
  comm?(): string
  /** The process that started this one. */
  parent?(): Identity | undefined
  /** Deliver a signal to the calling process, if there is one. */
  kill?(signal: number): void
  /** Is it being killed? Asked only once it has got a signal. */
  dying?(): boolean
  /** The memory of the process. */
  memory?(): user_memory
  /** Has it this one of CAP_*? Without somebody to ask, root has all. */
  capable?(cap: number): boolean
  /** The number of its controlling terminal, as programs see it: 0x8800 is /dev/pts/0. 0 if it has none. */
  tty?(): number
}

/** The descriptors of a process, as far as drivers give it new ones. */
export interface DescriptorTable {
  /** The lowest free one, which is no open file yet; or -EMFILE. */
  reserve(close_on_exec: boolean): number
  /** It is free again. */
  unreserve(fd: number): void
  /** It is `filp`. */
  fill(fd: number, filp: file): void
}

/** One sleep of a task. */
export class Sleep {
  /** TASK_*: what ends it. */
  readonly state: number
  resume: () => void
  /** Where it fell asleep, if no signal ends it. */
  readonly trace: Error | undefined
  /** Another of the same task. */
  next: Sleep | undefined = undefined

  constructor(state: number, resume: () => void, trace?: Error) {
    this.state = state
    this.resume = resume
    this.trace = trace
  }
}

export class Task implements task_struct {
  /** TASK_*: what schedule() will make of it. */
  __state: number = TASK_RUNNING
  /** PF_* */
  flags = 0
  /** Set by a signal: interruptible sleeps end, and new ones do not begin. */
  signalled = false
  /** Above 0 it may not sleep; the parts of the number are in include/linux/preempt.ts. */
  preempt_count = 0
  irqs_disabled = false
  /** Undefined where nobody can give the process a file. */
  files: DescriptorTable | undefined = undefined
  rcu_read_lock_nesting = 0
  /** The lock it has taken last; each leads to the one before it. */
  held: held_lock | undefined = undefined
  /**
   * The sleep it is in; others follow it only if a driver waits for several things with Promise.all().
   * Any wake-up ends them all, since who sleeps looks at his condition again anyway.
   */
  sleep: Sleep | undefined = undefined
  #identity: Identity

  constructor(identity: Identity) {
    this.#identity = identity
  }

  /** It has turned out who calls. */
  identify(identity: Identity): void {
    this.#identity = identity
  }

  /** It sleeps, after what it is in already. */
  fallAsleep(sleep: Sleep): void {
    if (!this.sleep) {
      this.sleep = sleep
      return
    }
    let last = this.sleep
    while (last.next) last = last.next
    last.next = sleep
  }

  /** The sleeps it is in. */
  *sleeps(): Iterable<Sleep> {
    for (let { sleep } = this; sleep; sleep = sleep.next) yield sleep
  }

  /** Is it in a sleep whose state is in `mode`? */
  sleepsIn(mode: number): boolean {
    for (let { sleep } = this; sleep; sleep = sleep.next)
      if (sleep.state & mode) return true
    return false
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

  get cred(): { uid: number; gid: number; euid: number; egid: number } {
    const { uid, gid } = this.#identity
    return { uid, gid, euid: uid, egid: gid }
  }

  capable(cap: number): boolean {
    return this.#identity.capable?.(cap) ?? this.#identity.uid === 0
  }

  /** The first process is its own parent. */
  get real_parent(): Task {
    const parent = this.#identity.parent?.()
    return parent ? new Task(parent) : this
  }

  get parent(): Task {
    return this.real_parent
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

  /** Has it got a signal that keeps it from sleeping in `state`? */
  signal_pending_state(state: number): boolean {
    if (!this.signalled) return false
    if (state & TASK_INTERRUPTIBLE) return true
    return (state & TASK_WAKEKILL) !== 0 && this.dying
  }
}
