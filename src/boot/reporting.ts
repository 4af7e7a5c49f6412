// The log, and whatever reports through it: oopses, panic, taints, watchdogs.

import { StackDumps } from '../kernel/dumpstack.ts'
import { Emergency } from '../kernel/emergency.ts'
import { Formats } from '../kernel/formats.ts'
import { HexDump } from '../kernel/hexdump.ts'
import { HungTasks } from '../kernel/hung_task.ts'
import { DebugLocks } from '../kernel/locking/debug_locks.ts'
import { Traps } from '../kernel/panic.ts'
import { Printk } from '../kernel/printk.ts'
import { StackTraces } from '../kernel/stack.ts'
import { Taints } from '../kernel/taint.ts'
import { Watchdog } from '../kernel/watchdog.ts'
import type { Core } from './core.ts'
import type { Start } from './start.ts'

export type Reporting = ReturnType<typeof reporting_init>

export function reporting_init(given: Start & Core) {
  const { sched, clock, symbols, wait, capabilities, cmdline, bootTime, later } = given
  const { uts, console, onPanic, detectLockups, locate } = given.options

  const formats = new Formats({
    capabilities,
    lookup: later.lookup,
    unsupported: letter =>
      traps.WARN(true, 'Please remove unsupported %%%s in format string\n', letter),
    cmdline,
  }) //                                                   %p, %pS, sprintf
  const log = new Printk(
    { sched, wait, capabilities },
    { bootTime, formats, cmdline, ...(console ? { console } : {}) },
  )
  const debug_locks = new DebugLocks()
  const taints = new Taints(debug_locks, text => log.printk(`\x014${text}`))
  const stacks = new StackTraces(locate) //               where a driver's error was
  const reports = {
    log,
    sched,
    taints,
    stacks,
    modulesLinkedIn: () => later.modules().linkedIn(),
    version: `${uts.release} #1`,
  }
  const dumps: StackDumps = new StackDumps(reports)
  const emergency: Emergency = new Emergency({
    log,
    taints,
    dumps,
    onPanic(reason) {
      clock.halt()
      onPanic?.(reason)
    },
  }) //                                                   panic
  const traps: Traps = new Traps({ ...reports, formats, dumps, emergency })
  const detect = detectLockups ?? (() => {})
  const watchdog = new Watchdog({ ...reports, dumps, emergency, detect })
  const hungTasks = new HungTasks({ ...reports, emergency })

  symbols.exportFrom(log, log.ratelimits, formats, new HexDump(log))
  symbols.exportFrom(dumps, emergency, traps)
  return {
    formats,
    log,
    debug_locks,
    taints,
    stacks,
    dumps,
    emergency,
    traps,
    watchdog,
    hungTasks,
  }
}
