// Interrupts: their numbers, their handlers, the threads of those.

import { IrqHandling } from '../kernel/irq/handle.ts'
import { IrqSim } from '../kernel/irq/irq_sim.ts'
import { IrqDescs } from '../kernel/irq/irqdesc.ts'
import { Irqs } from '../kernel/irq/manage.ts'
import { SpuriousIrqs } from '../kernel/irq/spurious.ts'
import { IrqThreads } from '../kernel/irq/thread.ts'
import type { Core } from './core.ts'
import type { Deferred } from './deferred.ts'
import type { Parameters } from './params.ts'
import type { Reporting } from './reporting.ts'

export type Interrupts = ReturnType<typeof interrupts_init>

export function interrupts_init(given: Core & Reporting & Parameters & Deferred) {
  const { sched, time, symbols, wait, softirqs, log, traps, code, kthreads } = given

  const descs = new IrqDescs()
  const spurious = new SpuriousIrqs(log, traps, time)
  const handling = new IrqHandling({ sched, softirqs, code, log, descs, spurious })
  const threads = new IrqThreads({ sched, wait, kthreads, code, handling })
  const irqs = new Irqs({ sched, wait, log, traps, descs, handling, threads })

  symbols.exportFrom(irqs, handling, new IrqSim(descs, handling, traps))
  return { descs, handling }
}
