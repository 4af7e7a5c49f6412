// What lock debugging says when it has found a mistake. Linux: the print_ functions of
// kernel/locking/lockdep.c.

import type { call_site } from '../../include/linux/call_site.ts'
import { KERN_WARNING } from '../../include/linux/printk.ts'
import {
  HARDIRQ_MASK,
  HARDIRQ_OFFSET,
  SOFTIRQ_MASK,
  SOFTIRQ_OFFSET,
} from '../../include/linux/preempt_mask.ts'
import { place, type StackDumps } from '../dumpstack.ts'
import type { Printk } from '../printk.ts'
import type { Task } from '../sched.ts'
import type { Frame } from '../stack.ts'
import { type held_lock, outwards } from './held_lock.ts'
import { type LockClass, usageName } from './lock_class.ts'

interface Needs {
  log: Printk
  dumps: StackDumps
  /** Name of the module that `site` is in. */
  moduleOf: (site: call_site) => string | undefined
}

export class LockReports {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  recursiveLocking(task: Task, next: held_lock, prev: held_lock): void {
    this.#heading('possible recursive locking detected', 44)
    this.#twoLocks(task, next, prev)
    this.#say('')
    this.#say('other info that might help us debug this:')
    this.#say(' Possible unsafe locking scenario:')
    this.#say('')
    this.#say('       CPU0')
    this.#say('       ----')
    this.#say(`  lock(${prev.class.name});`)
    this.#say(`  lock(${next.class.name});`)
    this.#deadlock()
    this.#say(' May be due to missing lock nesting notation')
    this.#say('')
    this.#heldAndTrace(task)
  }

  /** `path` leads from the class of `next` to that of `prev`; `trace`: how `next` is reached. */
  circularDependency(
    task: Task,
    next: held_lock,
    prev: held_lock,
    path: readonly LockClass[],
    trace: readonly Frame[],
  ): void {
    this.#heading('possible circular locking dependency detected', 54)
    this.#twoLocks(task, next, prev)
    this.#say('')
    this.#say('which lock already depends on the new lock.')
    this.#say('')
    this.#say('')
    this.#say('the existing dependency chain (in reverse order) is:')
    for (let i = path.length - 1; i >= 1; i--) {
      this.#link(i, path[i], path[i - 1]?.after.get(path[i] as LockClass))
    }
    this.#link(0, next.class, trace)
    this.#say('')
    this.#say('other info that might help us debug this:')
    this.#say('')
    this.#circularScenario(next.class, path.at(-2) ?? next.class, prev.class)
    this.#deadlock()
    this.#heldAndTrace(task)
  }

  inconsistentState(task: Task, held: held_lock, was: number, is: number): void {
    const count = task.preempt_count
    const hardirqs = (count & HARDIRQ_MASK) / HARDIRQ_OFFSET
    const softirqs = (count & SOFTIRQ_MASK) / SOFTIRQ_OFFSET
    const hardirq = hardirqs ? 1 : 0
    this.#heading('inconsistent lock state', 32)
    this.#say(`inconsistent {${usageName(was)}} -> {${usageName(is)}} usage.`)
    this.#say(
      `${who(task)} [HC${hardirq}[${hardirqs}]:SC${softirqs & 1}[${softirqs}]` +
        `:HE${task.irqs_disabled || hardirq ? 0 : 1}:SE${softirqs ? 0 : 1}] takes:`,
    )
    this.#lock(held)
    this.#say(`{${usageName(was)}} state was registered at:`)
    this.#trace(held.class.traces.get(was) ?? [], '  ')
    this.#say('')
    this.#say('other info that might help us debug this:')
    this.#say(' Possible unsafe locking scenario:')
    this.#say('')
    this.#say('       CPU0')
    this.#say('       ----')
    this.#say(`  lock(${held.class.name});`)
    this.#say('  <Interrupt>')
    this.#say(`    lock(${held.class.name});`)
    this.#deadlock()
    this.#heldAndTrace(task)
  }

  unlockImbalance(task: Task, name: string, site: call_site | undefined): void {
    this.#heading('bad unlock balance detected!', 37)
    this.#say(`${who(task)} is trying to release lock (${name}) at:`)
    this.#say(this.#place(site))
    this.#say('but there are no more locks to release!')
    this.#say('')
    this.#say('other info that might help us debug this:')
    this.#heldAndTrace(task)
  }

  heldAtReturn(task: Task): void {
    this.#heading('lock held when returning to user space!', 48)
    this.#say(`${who(task)} is leaving the kernel with locks still held!`)
    this.heldLocks(task)
  }

  /** What `task` holds. */
  heldLocks(task: Task): void {
    const locks = [...outwards(task.held)].toReversed()
    if (locks.length === 0) return this.#say(`no locks held by ${who(task)}.`)
    this.#say(`${locks.length} lock${locks.length > 1 ? 's' : ''} held by ${who(task)}:`)
    for (const [i, held] of locks.entries()) this.#lock(held, ` #${i}: `)
  }

  #heading(what: string, width: number): void {
    this.#say('')
    this.#say('='.repeat(width))
    this.#say(`WARNING: ${what}`)
    this.#say(this.#needs.dumps.kernelIdent())
    this.#say('-'.repeat(width))
  }

  #twoLocks(task: Task, next: held_lock, prev: held_lock): void {
    this.#say(`${who(task)} is trying to acquire lock:`)
    this.#lock(next)
    this.#say('')
    this.#say('but task is already holding lock:')
    this.#lock(prev)
  }

  #link(i: number, lockClass: LockClass | undefined, trace: readonly Frame[] = []): void {
    this.#say('')
    this.#say(`-> #${i} ${String(lockClass)}:`)
    this.#trace(trace, '       ')
  }

  #circularScenario(next: LockClass, middle: LockClass, prev: LockClass): void {
    if (middle !== next) {
      this.#say('Chain exists of:')
      this.#say(`  ${next.name} --> ${middle.name} --> ${prev.name}`)
      this.#say('')
    }
    const other = ' '.repeat(31)
    this.#say(' Possible unsafe locking scenario:')
    this.#say('')
    this.#say('       CPU0                    CPU1')
    this.#say('       ----                    ----')
    this.#say(`  lock(${prev.name});`)
    this.#say(`${other}lock(${middle.name});`)
    this.#say(`${other}lock(${prev.name});`)
    this.#say(`  lock(${next.name});`)
  }

  #deadlock(): void {
    this.#say('')
    this.#say(' *** DEADLOCK ***')
    this.#say('')
  }

  #heldAndTrace(task: Task): void {
    this.heldLocks(task)
    this.#say('')
    this.#say('stack backtrace:')
    this.#needs.dumps.dump_stack()
  }

  #lock(held: held_lock, prefix = ''): void {
    const { log } = this.#needs
    log.printk(
      `${KERN_WARNING}%s%px %s, at: %s\n`,
      prefix,
      held.instance,
      String(held.class),
      this.#place(held.at),
    )
  }

  #place(site: call_site | undefined): string {
    if (!site) return '0x0'
    const { func: symbol, file, line } = site
    return place({
      symbol,
      at: `${file}:${line}`,
      module: this.#needs.moduleOf(site),
    })
  }

  /** From the driver's function on: what is further in is lock debugging itself. */
  #trace(trace: readonly Frame[], indent: string): void {
    const first = trace.findIndex(({ module }) => module !== undefined)
    for (const frame of trace.slice(Math.max(first, 0))) {
      this.#say(`${indent}${place(frame)}`)
    }
  }

  #say(line: string): void {
    this.#needs.log.printk(`${KERN_WARNING}%s\n`, line)
  }
}

function who({ comm, pid }: Task): string {
  return `${comm}/${pid}`
}
