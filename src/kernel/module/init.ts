// Running a module's init, and what its answer means. Linux: do_init_module() in
// kernel/module/main.c.

import type { Uevents } from '../../base/uevent.ts'
import { EIO } from '../../include/linux/errno.ts'
import { KOBJ_ADD } from '../../include/linux/kobject.ts'
import { KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { LoadTrace } from '../../lib/load_step.ts'
import type { Traps } from '../panic.ts'
import type { Printk } from '../printk.ts'
import type { Scheduler, Task } from '../sched.ts'
import type { ModuleList } from './list.ts'
import type { Module } from './module.ts'

interface Needs {
  log: Printk
  sched: Scheduler
  traps: Traps
  uevents: Uevents
  list: ModuleList
}

/** 0: the module is live. Anything else is for the caller to undo, unless init has crashed. */
export async function do_init_module(
  { log, sched, traps, uevents, list }: Needs,
  mod: Module,
  trace: LoadTrace,
): Promise<errno_t | 'crashed'> {
  const began = performance.now()
  const answer = await traps.call(mod.init)
  if (answer !== 'crashed') rebalance(traps, sched.current, mod)
  const ret = answer === 'crashed' ? -EIO : asInt(answer)
  trace?.({
    step: 'init',
    function: mod.init ? mod.init.name || 'init' : '',
    ret,
    us: Math.round((performance.now() - began) * 1000),
  })
  if (answer === 'crashed') return answer
  if (ret < 0) return ret
  if (ret > 0) {
    warnSuspicious(log, mod, ret)
    traps.dump_stack()
  }
  mod.state = 'live'
  mod.refs--
  trace?.({ step: 'state', state: 'live' })
  if (mod.kobj) uevents.kobject_uevent(mod.kobj, KOBJ_ADD)
  list.wake()
  return 0
}

/** What init has turned off it has to turn on again. Linux: do_one_initcall() in init/main.c. */
function rebalance(traps: Traps, task: Task, { init }: Module): void {
  const imbalance = task.preempt_count !== 0 ? 'preemption imbalance ' : ''
  const irqs = task.irqs_disabled ? 'disabled interrupts ' : ''
  task.preempt_count = 0
  task.irqs_disabled = false
  const what = imbalance + irqs
  traps.WARN(what !== '', 'initcall %pS returned with %s\n', init, what)
}

/** One record of two lines. */
function warnSuspicious(log: Printk, { name }: Module, ret: number): void {
  const who = 'do_init_module'
  log.printk(
    `${KERN_WARNING}%s: '%s'->init suspiciously returned %d, it should follow 0/-E convention\n%s: loading module anyway...\n`,
    who,
    name,
    ret,
    who,
  )
}

/** What init answered, as a C int. */
function asInt(answer: unknown): number {
  return typeof answer === 'number' ? answer | 0 : 0
}
