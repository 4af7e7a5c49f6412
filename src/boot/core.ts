// The first that there is: who runs, what time it is, how one waits, what is exported.

import { Capabilities } from '../kernel/capability.ts'
import { ModuleSchedule } from '../kernel/module/schedule.ts'
import { Scheduler } from '../kernel/sched.ts'
import { Softirqs } from '../kernel/softirq.ts'
import { SymbolTable } from '../kernel/symbols.ts'
import { ClockEvents } from '../kernel/time/clockevents.ts'
import { Jiffies } from '../kernel/time/jiffies.ts'
import { Timekeeping } from '../kernel/time/timekeeping.ts'
import { Ttys } from '../kernel/tty.ts'
import { UserPointers } from '../kernel/user_pointers.ts'
import { WaitQueues } from '../kernel/wait.ts'
import { WaitBits } from '../kernel/wait_bit.ts'
import type { Start } from './start.ts'

export type Core = ReturnType<typeof core_init>

export function core_init({ options, bootTime, later }: Start) {
  const sched = new Scheduler() //                        current, run queue
  const time = new Jiffies(bootTime) //                   jiffies, uptime
  const clock = new ClockEvents() //                      the host's timer
  const timekeeping = new Timekeeping(bootTime) //        ktime_get
  const symbols = new SymbolTable(options.symvers) //             EXPORT_SYMBOL
  const wait = new WaitQueues(sched, later.schedule_timeout) // wait_event, wake_up
  const capabilities = new Capabilities(sched) //         capable
  const softirqs = new Softirqs(sched) //                 interrupts, ksoftirqd

  symbols.exportFrom(sched, time, timekeeping, wait, capabilities, softirqs)
  symbols.exportFrom(new WaitBits(wait), new UserPointers(sched), new Ttys(sched))
  symbols.exportPerModule(ModuleSchedule, mod => new ModuleSchedule(sched, mod))
  return { sched, time, clock, timekeeping, symbols, wait, capabilities, softirqs }
}
