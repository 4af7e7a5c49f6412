// What runs later: threads, timers, tasklets, work.

import { DelayedWorks } from '../kernel/delayed_work.ts'
import { Kthreads } from '../kernel/kthread.ts'
import { Rcu } from '../kernel/rcu.ts'
import { Tasklets } from '../kernel/tasklet.ts'
import * as delay from '../kernel/time/delay.ts'
import { Hrtimers } from '../kernel/time/hrtimer.ts'
import { HrtimerSleeps } from '../kernel/time/hrtimer_sleep.ts'
import { Timeouts } from '../kernel/time/sleep_timeout.ts'
import { Timers } from '../kernel/time/timer.ts'
import { Works } from '../kernel/work.ts'
import { Workqueues } from '../kernel/workqueue.ts'
import type { Core } from './core.ts'
import type { Locking } from './locking.ts'
import type { Parameters } from './params.ts'
import type { Reporting } from './reporting.ts'

export type Deferred = ReturnType<typeof deferred_init>

export function deferred_init(given: Core & Reporting & Locking & Parameters) {
  const { sched, time, clock, timekeeping, symbols, wait, softirqs } = given
  const { log, traps, completions, code, debugobjects } = given

  const kthreads = new Kthreads({ sched, completions, traps, code })
  softirqs.spawn_ksoftirqd(kthreads)
  const tasklets = new Tasklets({ sched, softirqs, code }) // tasklet_schedule
  const interrupting = { sched, clock, softirqs, code, traps, debugobjects }
  const timers = new Timers({ ...interrupting, time }) // mod_timer
  const rcu = new Rcu({ completions, ...interrupting, timers, time }) // call_rcu
  const hrtimers = new Hrtimers({ ...interrupting, timekeeping })
  const timeouts = new Timeouts({ sched, time, timers, log, traps }) // msleep
  const works = new Works({ sched, wait, code, debugobjects, traps, log })
  const workqueues = new Workqueues({ sched, kthreads, log, works }) // alloc_workqueue
  const delayed_works = new DelayedWorks({ works, timers, time, debugobjects })

  symbols.exportFrom(kthreads, tasklets, timers, rcu, hrtimers, timeouts)
  symbols.exportFrom(new HrtimerSleeps(sched, hrtimers), works, workqueues, delayed_works)
  symbols.exportFunctions(delay.EXPORT_SYMBOL)
  return { kthreads, timeouts, timers, hrtimers }
}
