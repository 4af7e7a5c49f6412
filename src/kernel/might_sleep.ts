// Is a function that may sleep called where nobody may? Linux: __might_resched() in
// kernel/sched/core.c.

import { HZ } from '../include/linux/jiffies.ts'
import { KERN_ERR } from '../include/linux/printk.ts'
import type { LockReports } from './locking/lockdep_report.ts'
import type { Traps } from './panic.ts'
import type { Printk } from './printk.ts'
import type { Scheduler, Task } from './sched.ts'
import { TAINT_WARN, type Taints } from './taint.ts'
import type { Jiffies } from './time/jiffies.ts'

interface Needs {
  sched: Scheduler
  log: Printk
  traps: Traps
  taints: Taints
  time: Jiffies
  /** Undefined when locks are not debugged. */
  reports: () => LockReports | undefined
}

export class MightSleep {
  static readonly EXPORT_SYMBOL = ['__might_sleep', '__might_resched'] as const

  readonly #needs: Needs
  readonly #sched: Scheduler
  /** When it was reported last, in ticks. */
  #reported = -Infinity
  #warnedOfState = false

  constructor(needs: Needs) {
    this.#needs = needs
    this.#sched = needs.sched
  }

  /** A function that may sleep is called, in `file`. */
  __might_sleep(file: string, line: number): void {
    const task = this.#sched.current
    if (task.__state !== 0) this.#wrongState(task)
    if (isAtomic(task)) this.#report(task, file, line)
  }

  /** As __might_sleep(), for one who only lets others run. */
  __might_resched(file: string, line: number): void {
    const task = this.#sched.current
    if (isAtomic(task)) this.#report(task, file, line)
  }

  /** Sleeping sets the state, so what was set before is lost. */
  #wrongState({ __state }: Task): void {
    if (this.#warnedOfState) return
    this.#warnedOfState = true
    this.#needs.traps.WARN(
      true,
      'do not call blocking ops when !TASK_RUNNING; state=%x set\n',
      __state,
    )
  }

  #report(task: Task, file: string, line: number): void {
    const { log, traps, taints, time } = this.#needs
    if (time.jiffies < this.#reported + HZ) return
    this.#reported = time.jiffies

    const { preempt_count, pid, comm } = task
    const say = (fmt: string, ...args: unknown[]) =>
      log.printk(`${KERN_ERR}${fmt}\n`, ...args)
    say('BUG: sleeping function called from invalid context at %s:%d', file, line)
    say(
      'in_atomic(): %d, irqs_disabled(): %d, non_block: 0, pid: %d, name: %s',
      preempt_count ? 1 : 0,
      task.irqs_disabled ? 1 : 0,
      pid,
      comm,
    )
    say('preempt_count: %x, expected: 0', preempt_count)
    say('RCU nest depth: %d, expected: 0', task.rcu_read_lock_nesting)
    const reports = this.#needs.reports()
    if (reports) reports.heldLocks(task)
    else log.printk('INFO: lockdep is turned off.\n')
    traps.dump_stack()
    taints.add_taint(TAINT_WARN, { lockdepOk: true })
  }
}

function isAtomic(task: Task): boolean {
  return task.preempt_count !== 0 || task.irqs_disabled || task.rcu_read_lock_nesting > 0
}
