// Interrupts that nobody cares for. Linux: kernel/irq/spurious.c.

import { HZ } from '../../include/linux/jiffies.ts'
import { IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD } from '../../include/linux/irqreturn.ts'
import { KERN_CONT, KERN_EMERG, KERN_ERR } from '../../include/linux/printk.ts'
import type { Traps } from '../panic.ts'
import type { Printk } from '../printk.ts'
import type { Jiffies } from '../time/jiffies.ts'
import type { irq_desc } from './irqdesc.ts'

/** After so many interrupts it is looked how many of them were handled. */
const ROUND = 100_000
/** If so many were not, the line is stuck. */
const TOO_MANY = 99_900
/** A handler that answers nonsense is not reported more often. */
const MOST_REPORTS = 100

export class SpuriousIrqs {
  readonly #log: Printk
  readonly #traps: Traps
  readonly #time: Jiffies
  #reports = 0

  constructor(log: Printk, traps: Traps, time: Jiffies) {
    this.#log = log
    this.#traps = traps
    this.#time = time
  }

  /** `retval`: all that the handlers of the line have answered. */
  note_interrupt(desc: irq_desc, retval: number): void {
    const bogus = (retval & ~(IRQ_HANDLED | IRQ_WAKE_THREAD)) !== 0
    if (bogus && this.#reports++ < MOST_REPORTS) {
      this.#report(desc, 'irq event %d: bogus return value %x\n', retval)
    }
    if (bogus || retval === IRQ_NONE) this.#unhandled(desc)
    if (++desc.irq_count < ROUND) return
    desc.irq_count = 0
    if (desc.irqs_unhandled > TOO_MANY) this.#disable(desc)
    desc.irqs_unhandled = 0
  }

  /** An odd one now and then does not count. */
  #unhandled(desc: irq_desc): void {
    const now = this.#time.jiffies
    const isLongAgo = now > desc.last_unhandled + HZ / 10
    desc.irqs_unhandled = isLongAgo ? 1 : desc.irqs_unhandled + 1
    desc.last_unhandled = now
  }

  #disable(desc: irq_desc): void {
    const text = 'irq %d: nobody cared (try booting with the "irqpoll" option)\n'
    this.#report(desc, text)
    this.#log.printk(`${KERN_EMERG}Disabling IRQ #%d\n`, desc.irq)
    desc.depth++
  }

  #report({ irq, actions }: irq_desc, fmt: string, ...args: number[]): void {
    this.#log.printk(`${KERN_ERR}${fmt}`, irq, ...args)
    this.#traps.dump_stack()
    this.#log.printk(`${KERN_ERR}handlers:\n`)
    for (const { handler, thread_fn } of actions) {
      this.#log.printk(`${KERN_ERR}[<%p>] %ps`, handler, handler)
      if (thread_fn) {
        this.#log.printk(`${KERN_CONT} threaded [<%p>] %ps`, thread_fn, thread_fn)
      }
      this.#log.printk(`${KERN_CONT}\n`)
    }
  }
}
