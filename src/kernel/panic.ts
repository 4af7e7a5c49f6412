// What the kernel does when something goes wrong: oops, BUG, WARN. Linux: kernel/panic.c,
// arch/x86/kernel/dumpstack.c.
//
// An exception out of a driver is what a bad pointer is in C: it is logged with the stack, the calling
// process dies, the machine goes on.

import { EIO } from '../include/linux/errno.ts'
import {
  KERN_ALERT,
  KERN_CRIT,
  KERN_EMERG,
  KERN_ERR,
  KERN_INFO,
} from '../include/linux/printk.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import { Bug } from '../lib/bug.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import { type DumpNeeds, rip_of, type StackDumps } from './dumpstack.ts'
import { type Emergency, Stopped } from './emergency.ts'
import {
  describeAccess,
  exitsWithIrqsDisabled,
  type Fault,
  faultOf,
  isInstructionFetch,
  isNull,
} from './fault.ts'
import type { Formats } from './formats.ts'
import type { Task } from './sched.ts'
import type { Frame } from './stack.ts'
import { TAINT_DIE, TAINT_WARN } from './taint.ts'

/** Bits of a preempt_count that say that no task runs, but an interrupt or a softirq. */
const IRQ_MASK = 0xffff00

interface Needs extends DumpNeeds {
  formats: Formats
  dumps: StackDumps
  emergency: Emergency
}

export class Traps {
  static readonly EXPORT_SYMBOL = ['WARN_ON', 'WARN', 'BUG', 'BUG_ON'] as const

  #dieCounter = 0
  /** Where the first one was: shown again with each, in case that report has scrolled away. */
  #firstRip = ''
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
    needs.sched.onAtomicSleep = task => this.#scheduleBug(task)
  }

  /**
   * An exception came out of a driver: report it, kill the caller, and say what the
   * call is to return.
   */
  readonly die = (exception: unknown): errno_t => {
    if (exception instanceof Stopped) return -EIO
    const { sched, emergency } = this.#needs
    const task = sched.current
    const fault = this.#report(exception)
    if (task === sched.idle || task.preempt_count & IRQ_MASK) {
      emergency.stop('Fatal exception in interrupt')
    } else if (emergency.panic_on_oops) emergency.stop('Fatal exception')
    this.#make_task_dead(task, fault)
    return -EIO
  }

  /** An exception of a driver that ends nobody's call: of a promise that it has let go. */
  stray(exception: unknown): void {
    if (!(exception instanceof Stopped)) this.#report(exception)
  }

  /** Did `exception` come from a module's code? */
  isDriversFault(exception: unknown): boolean {
    if (exception instanceof Stopped) return true
    const frames = this.#needs.stacks.frames(asError(exception))
    return frames.some(({ module }) => module !== undefined)
  }

  /** Run a module's init or exit. Returning nothing is returning 0. */
  async call(
    entry: (() => MaybePromise<errno_t | void>) | undefined,
  ): Promise<errno_t | 'crashed'> {
    try {
      return (await entry?.()) ?? 0
    } catch (exception) {
      this.die(exception)
      return 'crashed'
    }
  }

  /** What the kernel goes on with if a driver has answered `value`. */
  readonly checkReply = (value: unknown): number =>
    Number.isInteger(value) ? (value as number) : this.badReply(value)

  /** A driver returned something that is no number: C would not have compiled it. */
  badReply(value: unknown): errno_t {
    this.WARN(true, 'driver returned %s where a number is due\n', String(value))
    return -EIO
  }

  dump_stack(): void {
    this.#needs.dumps.dump_stack()
  }

  WARN_ON(condition: boolean): boolean {
    if (condition) this.#warn('')
    return condition
  }

  WARN(condition: boolean, fmt: string, ...args: unknown[]): boolean {
    if (condition) this.#warn(vsnprintf(fmt, args, this.#needs.formats))
    return condition
  }

  BUG(): never {
    throw new Bug()
  }

  BUG_ON(condition: boolean): void {
    if (condition) this.BUG()
  }

  #report(exception: unknown): Fault {
    const { dumps, taints, stacks } = this.#needs
    const error = asError(exception)
    const frames = stacks.frames(error)
    const fault = faultOf(error)
    taints.debug_locks_off()
    if (error instanceof Bug) this.#bugHeading(error, frames)
    else this.#heading(fault)
    const { name, error_code, address } = fault
    const code = error_code.toString(16).padStart(4, '0')
    dumps.print(`${name}: ${code} [#${++this.#dieCounter}] PREEMPT SMP NOPTI\n`)
    const rip = isInstructionFetch(fault) ? `0x${address?.toString(16)}` : rip_of(frames)
    dumps.show_regs(frames, rip)
    dumps.print_modules()
    if (address !== undefined) dumps.print(`CR2: ${hex(address)}\n`)
    taints.add_taint(TAINT_DIE, { lockdepOk: true })
    dumps.print_oops_end_marker()
    this.#firstRip ||= rip
    if (this.#firstRip) dumps.rip(this.#firstRip)
    return fault
  }

  #heading(fault: Fault): void {
    const { log } = this.#needs
    if (fault.name === 'stack guard page') {
      log.printk(`${KERN_EMERG}BUG: TASK stack guard page was hit\n`)
    } else if (fault.address !== undefined) return this.#pageFault(fault, fault.address)
    else if (fault.said !== undefined) {
      log.printk(`${KERN_ALERT}BUG: unable to handle exception in kernel mode\n`)
      log.printk(`${KERN_ALERT}%s\n`, fault.said)
    }
  }

  /** Of the page tables only that nothing is there. */
  #pageFault(fault: Fault, address: bigint): void {
    const { log } = this.#needs
    const what = isNull(address)
      ? 'kernel NULL pointer dereference, address'
      : 'unable to handle page fault for address'
    const code = fault.error_code.toString(16).padStart(4, '0')
    log.printk(`${KERN_ALERT}BUG: %s: %s\n`, what, hex(address))
    if (fault.said !== undefined) log.printk(`${KERN_ALERT}%s\n`, fault.said)
    log.printk(`${KERN_ALERT}#PF: supervisor %s in kernel mode\n`, describeAccess(fault))
    log.printk(`${KERN_ALERT}#PF: error_code(0x%s) - not-present page\n`, code)
    log.printk(`${KERN_INFO}PGD 0 P4D 0 \n`)
  }

  #bugHeading({ place, complaint }: Bug, [first]: readonly Frame[]): void {
    const { log, dumps } = this.#needs
    if (complaint) log.printk(`${KERN_EMERG}%s\n`, complaint)
    dumps.cutHere()
    const at = place ?? first?.at ?? first?.symbol ?? '?'
    log.printk(`${KERN_CRIT}kernel BUG at %s!\n`, at)
  }

  /** The caller ends, in whatever state it left things. Linux: kernel/exit.c. */
  #make_task_dead(task: Task, fault: Fault): void {
    const { log, emergency } = this.#needs
    const { comm, pid, preempt_count } = task
    const note = `${KERN_INFO}note: %s[%d] exited with`
    if (task.irqs_disabled || exitsWithIrqsDisabled(fault)) {
      log.printk(`${note} irqs disabled\n`, comm, pid)
      task.irqs_disabled = false
    }
    if (preempt_count > 0) {
      log.printk(`${note} preempt_count %d\n`, comm, pid, preempt_count)
      task.preempt_count = 0
    }
    emergency.oops()
    task.kill(fault.signal)
  }

  /** Said of the scheduler's own lock too, hence one more than the task holds. */
  #scheduleBug({ comm, pid, preempt_count }: Task): void {
    const { log, taints, dumps, emergency } = this.#needs
    const format = `${KERN_ERR}BUG: scheduling while atomic: %s/%d/0x%08x\n`
    log.printk(format, comm, pid, preempt_count + 1)
    dumps.print_modules()
    emergency.check_panic_on_warn('scheduling while atomic')
    dumps.dump_stack()
    taints.add_taint(TAINT_WARN, { lockdepOk: true })
  }

  #warn(message: string): void {
    const { sched, stacks, taints, dumps, emergency } = this.#needs
    const frames = stacks.here()
    dumps.cutHere()
    if (message) dumps.print(message.endsWith('\n') ? message : `${message}\n`)
    const { pid } = sched.current
    dumps.print(`WARNING: CPU: 0 PID: ${pid} at ${whereabouts(frames)}\n`)
    dumps.print_modules()
    dumps.show_regs(frames)
    emergency.check_panic_on_warn('kernel')
    dumps.print_oops_end_marker()
    taints.add_taint(TAINT_WARN, { lockdepOk: true })
  }
}

/** "scull/scull.ts:52:17 read [scull]"; of the kernel's own functions no line is known. */
function whereabouts([first]: readonly Frame[]): string {
  if (!first) return '?'
  const { symbol, at, module } = first
  return [at, symbol, module && `[${module}]`].filter(Boolean).join(' ')
}

function hex(address: bigint): string {
  return address.toString(16).padStart(16, '0')
}

function asError(exception: unknown): Error {
  // An Error of a module's own vm context is no instance of ours, but has all we need.
  if (typeof exception === 'object' && exception !== null && 'stack' in exception) {
    return exception as Error
  }
  const error = new Error(String(exception))
  error.stack = '' // where it was thrown is not known
  return error
}
