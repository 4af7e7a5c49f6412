// What the kernel does when something goes wrong: oops, BUG, WARN, panic. Linux: kernel/panic.c,
// arch/x86/kernel/dumpstack.c.
//
// An exception out of a driver is what a bad pointer is in C: it is logged with the stack, the calling
// process dies, the machine goes on.

import {
  KERN_ALERT,
  KERN_CRIT,
  KERN_EMERG,
  KERN_ERR,
  KERN_INFO,
  KERN_WARNING,
} from '../include/linux/printk.ts'
import { EIO } from '../include/linux/errno.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { Printk } from './printk.ts'
import type { Scheduler, Task } from './sched.ts'
import type { Frame, StackTraces } from './stack.ts'
import type { Sysctl } from './sysctl.ts'
import { TAINT_DIE, TAINT_WARN, type Taints } from './taint.ts'

const SIGKILL = 9
const SIGSEGV = 11

/** Thrown by BUG(). */
class Bug extends Error {}

interface Needs {
  log: Printk
  sched: Scheduler
  taints: Taints
  stacks: StackTraces
  /** "Modules linked in: …", without the newline. */
  modulesLinkedIn: () => string
  /** Release and build, as in `uname -rv`. */
  version: string
  /** The machine has stopped for good. */
  onPanic: (reason: string) => void
}

export class Traps {
  static readonly EXPORT_SYMBOL = [
    'dump_stack',
    'WARN_ON',
    'WARN',
    'BUG',
    'BUG_ON',
    'panic',
  ] as const

  panic_on_oops = 0
  #oopses = 0
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
    needs.sched.onAtomicSleep = task => this.#scheduleBug(task)
  }

  /**
   * An exception came out of a driver: report it, kill the caller, and say what the
   * call is to return.
   */
  die(exception: unknown): errno_t {
    const error = asError(exception)
    const frames = this.#needs.stacks.frames(error)
    const isBug = error instanceof Bug
    if (isBug) this.#bugHeading(frames)
    else this.#faultHeading(error)
    this.#print(
      `${isBug ? 'invalid opcode' : 'Oops'}: 0000 [#${++this.#oopses}] PREEMPT SMP NOPTI\n`,
    )
    this.#registers(frames)
    this.#callTrace(withoutTraps(frames).slice(1))
    this.#print(`${this.#needs.modulesLinkedIn()}\n`)
    this.#print('---[ end trace 0000000000000000 ]---\n')
    this.#needs.taints.add_taint(TAINT_DIE, { lockdepOk: true })
    if (this.panic_on_oops) this.panic('Fatal exception')
    this.#needs.sched.current.kill(isBug ? SIGSEGV : SIGKILL)
    return -EIO
  }

  /** Did `exception` come from a module's code? */
  isDriversFault(exception: unknown): boolean {
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

  /** A driver returned something that is no number: C would not have compiled it. */
  badReply(value: unknown): errno_t {
    this.WARN(true, 'driver returned %s where a number is due\n', String(value))
    return -EIO
  }

  dump_stack(): void {
    this.#cpuLine()
    this.#callTrace(this.#needs.stacks.here())
  }

  WARN_ON(condition: boolean): boolean {
    if (condition) this.#warn('')
    return condition
  }

  WARN(condition: boolean, fmt: string, ...args: unknown[]): boolean {
    if (condition) this.#warn(vsnprintf(fmt, args))
    return condition
  }

  BUG(): never {
    throw new Bug('BUG')
  }

  BUG_ON(condition: boolean): void {
    if (condition) this.BUG()
  }

  panic(fmt: string, ...args: unknown[]): void {
    const reason = vsnprintf(fmt, args)
    this.#needs.log.printk(`${KERN_EMERG}Kernel panic - not syncing: %s\n`, reason)
    this.dump_stack()
    this.#needs.log.printk(
      `${KERN_EMERG}---[ end Kernel panic - not syncing: %s ]---\n`,
      reason,
    )
    this.#needs.onPanic(reason)
  }

  register_sysctl(sysctl: Sysctl): void {
    sysctl.register('kernel/panic_on_oops', {
      read: () => String(this.panic_on_oops),
      write: sysctl.int(n => (this.panic_on_oops = n)),
    })
  }

  /** Said of the scheduler's own lock too, hence one more than the task holds. */
  #scheduleBug({ comm, pid, preempt_count }: Task): void {
    const { log, taints, modulesLinkedIn } = this.#needs
    log.printk(
      `${KERN_ERR}BUG: scheduling while atomic: %s/%d/0x%08x\n`,
      comm,
      pid,
      preempt_count + 1,
    )
    this.#print(`${modulesLinkedIn()}\n`)
    this.dump_stack()
    taints.add_taint(TAINT_WARN, { lockdepOk: true })
  }

  #warn(message: string): void {
    const frames = this.#needs.stacks.here()
    const [first] = withoutTraps(frames)
    this.#print('------------[ cut here ]------------\n')
    if (message) this.#print(message.endsWith('\n') ? message : `${message}\n`)
    const { pid } = this.#needs.sched.current
    this.#print(`WARNING: CPU: 0 PID: ${pid} at ${first ? where(first) : '?'}\n`)
    this.#print(`${this.#needs.modulesLinkedIn()}\n`)
    this.#registers(frames)
    this.#callTrace(withoutTraps(frames).slice(1))
    this.#print('---[ end trace 0000000000000000 ]---\n')
    this.#needs.taints.add_taint(TAINT_WARN, { lockdepOk: true })
  }

  /** Reading a field of null or undefined is the NULL pointer of TypeScript. */
  #faultHeading(error: Error): void {
    const { log } = this.#needs
    const isNull = /properties of (?:undefined|null)|is not a function/.test(
      error.message,
    )
    const address = '0000000000000000'
    if (isNull)
      log.printk(
        `${KERN_ALERT}BUG: kernel NULL pointer dereference, address: %s\n`,
        address,
      )
    else log.printk(`${KERN_ALERT}BUG: unable to handle exception in kernel mode\n`)
    log.printk(`${KERN_ALERT}%s: %s\n`, error.name, error.message)
    log.printk(`${KERN_INFO}PGD 0 P4D 0 \n`)
  }

  #bugHeading(frames: Frame[]): void {
    const [first] = withoutTraps(frames)
    this.#print('------------[ cut here ]------------\n')
    this.#needs.log.printk(
      `${KERN_CRIT}kernel BUG at %s!\n`,
      first?.at ?? first?.symbol ?? '?',
    )
  }

  #registers(frames: Frame[]): void {
    this.#cpuLine()
    const [first] = withoutTraps(frames)
    if (first) this.#print(`RIP: 0010:${where(first)}\n`)
  }

  #cpuLine(): void {
    const { sched, taints, version } = this.#needs
    const { pid, comm } = sched.current
    this.#print(`CPU: 0 PID: ${pid} Comm: ${comm} ${taints.print_tainted()} ${version}\n`)
    this.#print('Hardware name: modbox simulated machine\n')
  }

  #callTrace(frames: Frame[]): void {
    this.#print('Call Trace:\n')
    this.#print(' <TASK>\n')
    for (const frame of withoutTraps(frames)) this.#print(` ${where(frame)}\n`)
    this.#print(' </TASK>\n')
  }

  #print(text: string): void {
    this.#needs.log.printk(`${KERN_WARNING}%s`, text)
  }
}

/** The functions of this file are the report, not what is reported. */
function withoutTraps(frames: Frame[]): Frame[] {
  const own = new Set<string>([...Traps.EXPORT_SYMBOL, 'warn'])
  const first = frames.findIndex(
    frame => frame.module !== undefined || !own.has(frame.symbol),
  )
  return frames.slice(Math.max(first, 0))
}

function where({ symbol, at, module }: Frame): string {
  return [symbol, at && `(${at})`, module && `[${module}]`].filter(Boolean).join(' ')
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
