// The parts of a kernel that let time pass, without the rest of it.

import type { Test } from 'tap'
import type { DebugObjects } from '../../src/kernel/debugobjects.ts'
import { ModuleCode } from '../../src/kernel/module/code.ts'
import type { Traps } from '../../src/kernel/panic.ts'
import type { Printk } from '../../src/kernel/printk.ts'
import { Scheduler } from '../../src/kernel/sched.ts'
import { Softirqs } from '../../src/kernel/softirq.ts'
import { ClockEvents } from '../../src/kernel/time/clockevents.ts'
import { Hrtimers } from '../../src/kernel/time/hrtimer.ts'
import { HrtimerSleeps } from '../../src/kernel/time/hrtimer_sleep.ts'
import { Jiffies } from '../../src/kernel/time/jiffies.ts'
import { Timeouts } from '../../src/kernel/time/sleep_timeout.ts'
import { Timekeeping } from '../../src/kernel/time/timekeeping.ts'
import { Timers } from '../../src/kernel/time/timer.ts'
import { vsnprintf } from '../../src/lib/vsprintf.ts'

/** What is reported is in `said`. The clock goes as long as the test does. */
export function clockwork(t: Test) {
  const said: string[] = []
  const say = (fmt: string, ...args: unknown[]) => void said.push(vsnprintf(fmt, args))
  const traps = {
    WARN: (condition: boolean, fmt: string, ...args: unknown[]) =>
      condition && say(fmt, ...args),
    WARN_ON: (condition: boolean) => condition && say('WARN_ON'),
    die: (error: unknown) => say('oops: %s', String(error)),
    dump_stack: () => {},
  } as unknown as Traps
  const debugobjects = {
    watch: () => {},
    debug_print_object: (what: string, type: string) => say('%s %s', what, type),
  } as unknown as DebugObjects
  const boot = performance.now()
  const sched = new Scheduler()
  const time = new Jiffies(boot)
  const timekeeping = new Timekeeping(boot)
  const clock = new ClockEvents()
  clock.hold()
  t.teardown(() => clock.halt())
  const softirqs = new Softirqs(sched)
  const code = new ModuleCode(traps)
  const needs = { sched, clock, softirqs, code, traps, debugobjects }
  const timers = new Timers({ ...needs, time })
  const hrtimers = new Hrtimers({ ...needs, timekeeping })
  const log = { printk: say } as unknown as Printk
  const timeouts = new Timeouts({ sched, time, timers, log, traps })
  const sleeps = new HrtimerSleeps(sched, hrtimers)
  const parts = { sched, time, timekeeping, clock, softirqs, timers, hrtimers }
  return { ...parts, timeouts, sleeps, said }
}
