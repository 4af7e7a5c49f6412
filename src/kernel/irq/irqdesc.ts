// The lines that interrupts come on. Linux: kernel/irq/irqdesc.c.

import type { irq_handler_t, irq_thread_fn_t } from '../../include/linux/interrupt.ts'
import type { task_struct } from '../../include/linux/sched.ts'
import { wait_queue_head } from '../../include/linux/wait.ts'

/** Lines of a PC, as drivers know them by number. */
const NR_LEGACY_IRQS = 16
/** The first number of others. */
const FIRST_DYNAMIC = 24

/** A driver that has requested a line. */
export interface irqaction {
  readonly handler: irq_handler_t<never>
  readonly thread_fn: irq_thread_fn_t<never> | null
  readonly flags: number
  readonly name: string
  readonly dev_id: unknown
  thread: task_struct | undefined
  /** The thread has something to do. */
  woken: boolean
  /** It has been said that it has no thread. */
  warned: boolean
}

export class irq_desc {
  readonly irq: number
  readonly chip: 'IO-APIC' | 'irq_sim'
  readonly hwirq: number
  readonly actions: irqaction[] = []
  /** Above 0 it is off. */
  depth = 1
  /** It has rung while it was off. */
  pending = false
  /** Interrupts that came: /proc/interrupts. */
  count = 0
  /** Those since somebody looked, and how many of them nobody cared for. */
  irq_count = 0
  irqs_unhandled = 0
  last_unhandled = 0
  /** Threads that are at it. */
  threads_active = 0
  readonly wait_for_threads = new wait_queue_head()

  constructor(irq: number, chip: irq_desc['chip'], hwirq: number) {
    this.irq = irq
    this.chip = chip
    this.hwirq = hwirq
  }
}

export class IrqDescs {
  readonly #descs = new Map<number, irq_desc>()
  /** Told of lines that come and go. */
  onChange: (desc: irq_desc, there: boolean) => void = () => {}

  /** The lines that are there from the start. */
  early_irq_init(): void {
    for (let irq = 0; irq < NR_LEGACY_IRQS; irq++) this.#add(irq, 'IO-APIC', irq)
  }

  irq_to_desc(irq: number): irq_desc | undefined {
    return this.#descs.get(irq)
  }

  /** In the order of their numbers. */
  all(): irq_desc[] {
    return [...this.#descs.values()].toSorted((a, b) => a.irq - b.irq)
  }

  alloc(hwirq: number): irq_desc {
    let irq = FIRST_DYNAMIC
    while (this.#descs.has(irq)) irq++
    return this.#add(irq, 'irq_sim', hwirq)
  }

  free(desc: irq_desc): void {
    this.#descs.delete(desc.irq)
    this.onChange(desc, false)
  }

  #add(irq: number, chip: irq_desc['chip'], hwirq: number): irq_desc {
    const desc = new irq_desc(irq, chip, hwirq)
    this.#descs.set(irq, desc)
    this.onChange(desc, true)
    return desc
  }
}
