// The soft lockup watchdog: what is said when code runs on and on without letting others run. Linux:
// kernel/watchdog.c.
//
// Here such code keeps the whole machine from doing anything, so it is somebody outside, the detector,
// who notices, and then has softlockup() called on top of what runs.

import { KERN_EMERG } from '../include/linux/printk.ts'
import type { StackDumps } from './dumpstack.ts'
import type { Emergency } from './emergency.ts'
import type { EarlyParam } from './params/command_line.ts'
import type { Printk } from './printk.ts'
import type { Scheduler } from './sched.ts'
import type { StackTraces } from './stack.ts'
import type { Sysctl } from './sysctl.ts'
import { TAINT_SOFTLOCKUP, type Taints } from './taint.ts'

/** Linux's limit, in seconds. */
const THRESH_MAX = 60

/** A machine that hangs is of no use to anybody: it ends at this report. */
const LAST_REPORT = 2

/** Watch from now on for code that runs longer than so many seconds; 0 is not to watch. */
export type DetectLockups = (seconds: number) => void

interface Needs {
  log: Printk
  sched: Scheduler
  stacks: StackTraces
  taints: Taints
  dumps: StackDumps
  emergency: Emergency
  detect: DetectLockups
}

export class Watchdog {
  #watchdog = 1
  #soft_watchdog = 1
  /** Seconds; a lockup is twice as long. */
  #watchdog_thresh = 10
  #softlockup_panic = 0
  #started = false
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** From now on there is code that may spin. */
  start(): void {
    if (this.#started) return
    this.#started = true
    this.#reconfigure()
  }

  /** Code has been running for so many seconds; `report` counts from 1 while it goes on. */
  softlockup(duration: number, report: number): void {
    const { log, sched, stacks, taints, dumps, emergency } = this.#needs
    const { comm, pid } = sched.current
    const seconds = Math.round(duration)
    const format = `${KERN_EMERG}watchdog: BUG: soft lockup - CPU#0 stuck for %us! [%s:%d]\n`
    log.printk(format, seconds, comm, pid)
    dumps.print_modules()
    dumps.show_regs(stacks.here())
    taints.add_taint(TAINT_SOFTLOCKUP, { lockdepOk: true })
    if (this.#softlockup_panic || report >= LAST_REPORT) {
      emergency.stop('softlockup: hung tasks')
    }
  }

  /** Options of the kernel command line, by name. */
  get early_params(): Record<string, EarlyParam> {
    const off: EarlyParam = () => this.#set(() => (this.#watchdog = 0))
    const thresh: EarlyParam = value =>
      this.#set(() => (this.#watchdog_thresh = Math.min(Number(value) || 0, THRESH_MAX)))
    const panic: EarlyParam = value =>
      this.#set(() => (this.#softlockup_panic = Number(value) ? 1 : 0))
    return {
      nowatchdog: off,
      nosoftlockup: () => this.#set(() => (this.#soft_watchdog = 0)),
      watchdog_thresh: thresh,
      softlockup_panic: panic,
    }
  }

  register_sysctl(sysctl: Sysctl): void {
    const setting = (
      name: string,
      get: () => number,
      set: (n: number) => void,
      max = 1,
    ) => {
      const write = sysctl.int(n => void this.#set(() => set(n)), { min: 0, max })
      sysctl.register(`kernel/${name}`, { read: () => String(get()), write })
    }
    // On Linux the first switches a second watchdog, too, which is not here.
    const both = (n: number) => (this.#watchdog = this.#soft_watchdog = n)
    setting('watchdog', () => this.#watchdog, both)
    setting('soft_watchdog', () => this.#soft_watchdog, both)
    setting(
      'watchdog_thresh',
      () => this.#watchdog_thresh,
      n => (this.#watchdog_thresh = n),
      THRESH_MAX,
    )
    setting(
      'softlockup_panic',
      () => this.#softlockup_panic,
      n => (this.#softlockup_panic = n),
    )
  }

  #set(change: () => void): 0 {
    change()
    this.#reconfigure()
    return 0
  }

  #reconfigure(): void {
    if (!this.#started) return
    const on = this.#watchdog && this.#soft_watchdog
    this.#needs.detect(on ? 2 * this.#watchdog_thresh : 0)
  }
}
