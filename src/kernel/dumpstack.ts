// The parts that reports have in common: who was running, where, and how it got there. Linux:
// arch/x86/kernel/dumpstack.c, lib/dump_stack.c.

import { KERN_SOH, KERN_WARNING } from '../include/linux/printk.ts'
import type { Printk } from './printk.ts'
import type { Scheduler } from './sched.ts'
import type { Frame, StackTraces } from './stack.ts'
import type { Taints } from './taint.ts'

export interface DumpNeeds {
  log: Printk
  sched: Scheduler
  taints: Taints
  stacks: StackTraces
  /** "Modules linked in: …", without the newline. */
  modulesLinkedIn: () => string
  /** Release and build, as in `uname -rv`. */
  version: string
}

export class StackDumps {
  static readonly EXPORT_SYMBOL = ['dump_stack'] as const

  readonly #needs: DumpNeeds

  constructor(needs: DumpNeeds) {
    this.#needs = needs
  }

  dump_stack(): void {
    this.#cpuLine()
    this.#callTrace(this.#needs.stacks.here())
  }

  /** Which kernel this is: how reports of lock debugging begin. */
  kernelIdent(): string {
    return `${this.#needs.version} ${this.#needs.taints.print_tainted()}`
  }

  /** What a processor's registers say; of them the place is all there is. `rip` in other words, if need be. */
  show_regs(frames: readonly Frame[], rip = rip_of(frames)): void {
    this.#cpuLine()
    if (rip) this.rip(rip)
    const [first] = frames
    this.#callTrace(first && rip === place(first) ? frames.slice(1) : frames)
  }

  rip(rip: string): void {
    this.print(`RIP: 0010:${rip}\n`)
  }

  print_modules(): void {
    this.print(`${this.#needs.modulesLinkedIn()}\n`)
  }

  print_oops_end_marker(): void {
    this.print('---[ end trace 0000000000000000 ]---\n')
  }

  cutHere(): void {
    this.print('------------[ cut here ]------------\n')
  }

  /** `text` as it is, at the level of reports. */
  print(text: string): void {
    // WARN(1, KERN_ERR "…") has a level of its own.
    const own = text.startsWith(KERN_SOH)
    const level = own ? text.slice(0, 2) : KERN_WARNING
    this.#needs.log.printk(`${level}%s`, own ? text.slice(2) : text)
  }

  #cpuLine(): void {
    const { sched, taints, version } = this.#needs
    const { pid, comm } = sched.current
    this.print(`CPU: 0 PID: ${pid} Comm: ${comm} ${taints.print_tainted()} ${version}\n`)
    this.print('Hardware name: modbox simulated machine\n')
  }

  #callTrace(frames: readonly Frame[]): void {
    this.print('Call Trace:\n')
    this.print(' <TASK>\n')
    for (const frame of frames) this.print(` ${place(frame)}\n`)
    this.print(' </TASK>\n')
  }
}

/** "read (scull/scull.ts:52:17) [scull]": a line says more than an offset. */
export function place({ symbol, at, module }: Frame): string {
  return [symbol, at && `(${at})`, module && `[${module}]`].filter(Boolean).join(' ')
}

/** Where it was; empty if that is not known. */
export function rip_of([first]: readonly Frame[]): string {
  return first ? place(first) : ''
}
