// khungtaskd: reports who sleeps so long that nobody will wake him, in a sleep that no signal ends.
// Linux: kernel/hung_task.c, sched_show_task() in kernel/sched/core.c.

import { KERN_ERR, KERN_INFO } from '../include/linux/printk.ts'
import { place } from './dumpstack.ts'
import type { Emergency } from './emergency.ts'
import type { Printk } from './printk.ts'
import type { Scheduler, Task } from './sched.ts'
import type { StackTraces } from './stack.ts'
import type { Sysctl } from './sysctl.ts'
import { TAINT_DIE, type Taints } from './taint.ts'

/** The host's timers count milliseconds in 31 bits. */
const TIMEOUT_MAX = 2_000_000

interface Needs {
  log: Printk
  sched: Scheduler
  stacks: StackTraces
  taints: Taints
  emergency: Emergency
  /** Release and build, as in `uname -rv`. */
  version: string
}

export class HungTasks {
  /** Seconds; 0: nobody looks. */
  #timeout_secs = 120
  /** Seconds between two looks; 0: as long as the timeout. */
  #check_interval_secs = 0
  /** How many may still be reported; below 0 there is no end. */
  #warnings = 10
  #panic = 0
  /** The sleep each was in at the last look, and when it was first seen. */
  #seen = new Map<Task, { sleep: object; since: number }>()
  #timer: NodeJS.Timeout | undefined
  #started = false
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** From now on somebody may sleep for ever. */
  start(): void {
    if (this.#started) return
    this.#started = true
    this.#wait()
  }

  /** What `echo w > /proc/sysrq-trigger` asks for. */
  show_blocked_tasks(): void {
    for (const task of this.#needs.sched.blocked) this.#sched_show_task(task)
  }

  register_sysctl(sysctl: Sysctl): void {
    const seconds = { min: 0, max: TIMEOUT_MAX }
    sysctl.register('kernel/hung_task_timeout_secs', {
      read: () => String(this.#timeout_secs),
      write: sysctl.int(n => this.#reconfigure(() => (this.#timeout_secs = n)), seconds),
    })
    sysctl.register('kernel/hung_task_check_interval_secs', {
      read: () => String(this.#check_interval_secs),
      write: sysctl.int(
        n => this.#reconfigure(() => (this.#check_interval_secs = n)),
        seconds,
      ),
    })
    sysctl.register('kernel/hung_task_warnings', {
      read: () => String(this.#warnings),
      write: sysctl.int(n => (this.#warnings = n), { min: -1 }),
    })
    sysctl.register('kernel/hung_task_panic', {
      read: () => String(this.#panic),
      write: sysctl.int(n => (this.#panic = n), { min: 0, max: 1 }),
    })
  }

  #reconfigure(change: () => void): void {
    change()
    if (this.#started) this.#wait()
  }

  #wait(): void {
    clearTimeout(this.#timer)
    if (this.#timeout_secs === 0) return
    const interval = this.#check_interval_secs || this.#timeout_secs
    const seconds = Math.min(interval, this.#timeout_secs)
    const look = () => {
      this.#check_hung_uninterruptible_tasks()
      this.#wait()
    }
    this.#timer = setTimeout(look, seconds * 1000).unref()
  }

  #check_hung_uninterruptible_tasks(): void {
    const { sched, taints, emergency } = this.#needs
    // After a crash whoever waits for what the dead have held waits for ever, and that is no news.
    if (taints.test_taint(TAINT_DIE) || emergency.stopped) return
    const before = this.#seen
    this.#seen = new Map()
    let hung = false
    for (const task of sched.blocked) {
      const { sleep } = task
      if (!sleep) continue
      const last = before.get(task)
      const seen = last?.sleep === sleep ? last : { sleep, since: performance.now() }
      this.#seen.set(task, seen)
      const seconds = (performance.now() - seen.since) / 1000
      if (last !== seen || seconds < this.#timeout_secs) continue
      hung = true
      this.#report(task, Math.floor(seconds))
    }
    if (hung && this.#panic) emergency.stop('hung_task: blocked tasks')
  }

  #report(task: Task, seconds: number): void {
    const { log, taints, version } = this.#needs
    if (this.#warnings === 0 && !this.#panic) return
    if (this.#warnings > 0) this.#warnings--
    const { comm, pid } = task
    const format = `${KERN_ERR}INFO: task %s:%d blocked for more than %d seconds.\n`
    log.printk(format, comm, pid, seconds)
    log.printk(`${KERN_ERR}      %s %s\n`, taints.print_tainted(), version)
    log.printk(
      `${KERN_ERR}"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.\n`,
    )
    this.#sched_show_task(task)
  }

  #sched_show_task(task: Task): void {
    const { log, stacks } = this.#needs
    log.printk(
      `${KERN_INFO}task:%-15.15s state:D stack:0     pid:%-5d ppid:%-6d flags:0x%08lx\n`,
      task.comm,
      task.pid,
      task.real_parent.pid,
      task.flags,
    )
    log.printk(`${KERN_INFO}Call Trace:\n`)
    log.printk(`${KERN_INFO} <TASK>\n`)
    const trace = task.sleep?.trace
    for (const frame of trace ? stacks.frames(trace) : []) {
      log.printk(`${KERN_INFO} %s\n`, place(frame))
    }
    log.printk(`${KERN_INFO} </TASK>\n`)
  }
}
