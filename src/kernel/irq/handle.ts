// An interrupt comes: who handles it. Linux: kernel/irq/{chip,handle,resend}.c.

import { EINVAL } from '../../include/linux/errno.ts'
import { IRQF_ONESHOT } from '../../include/linux/interrupt.ts'
import { IRQ_NONE, IRQ_WAKE_THREAD } from '../../include/linux/irqreturn.ts'
import { KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { ModuleCode } from '../module/code.ts'
import type { Printk } from '../printk.ts'
import type { Scheduler } from '../sched.ts'
import type { Softirqs } from '../softirq.ts'
import type { irq_desc, IrqDescs, irqaction } from './irqdesc.ts'
import type { SpuriousIrqs } from './spurious.ts'

interface Needs {
  sched: Scheduler
  softirqs: Softirqs
  code: ModuleCode
  log: Printk
  descs: IrqDescs
  spurious: SpuriousIrqs
}

export class IrqHandling {
  static readonly EXPORT_SYMBOL_GPL = [
    'irq_inject_interrupt',
    'generic_handle_irq',
  ] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  irq_inject_interrupt(irq: number): errno_t {
    const desc = this.#needs.descs.irq_to_desc(irq)
    if (!desc || desc.actions.length === 0) return -EINVAL
    this.raise(desc)
    return 0
  }

  generic_handle_irq(irq: number): errno_t {
    const desc = this.#needs.descs.irq_to_desc(irq)
    if (!desc) return -EINVAL
    this.#handle_simple_irq(desc)
    return 0
  }

  /** The line rings: whoever is current is interrupted. */
  raise(desc: irq_desc): void {
    this.#needs.softirqs.interrupt(() => this.#handle_simple_irq(desc))
  }

  /** The line is on again: what it missed comes now, once. */
  check_irq_resend(desc: irq_desc): void {
    if (desc.pending && desc.depth === 0) this.raise(desc)
  }

  #handle_simple_irq(desc: irq_desc): void {
    if (desc.depth > 0 || desc.actions.length === 0) {
      desc.pending = true
      return
    }
    desc.pending = false
    desc.count++
    let retval = IRQ_NONE
    for (const action of Array.from(desc.actions)) retval |= this.#call(desc, action)
    this.#needs.spurious.note_interrupt(desc, retval)
  }

  #call(desc: irq_desc, action: irqaction): number {
    const { code } = this.#needs
    const handler = action.handler as (irq: number, dev_id: unknown) => unknown
    const answer = code.call(irq => handler(irq, action.dev_id), desc.irq, handler)
    const res = typeof answer === 'number' ? answer : Number(answer === true)
    if (res === IRQ_WAKE_THREAD) this.#wake_thread(desc, action)
    return res
  }

  #wake_thread(desc: irq_desc, action: irqaction): void {
    if (!action.thread) return this.#warn_no_thread(desc, action)
    if (action.woken) return
    action.woken = true
    desc.threads_active++
    if (action.flags & IRQF_ONESHOT) desc.depth++
    this.#needs.sched.wake_up_process(action.thread)
  }

  #warn_no_thread({ irq }: irq_desc, action: irqaction): void {
    if (action.warned) return
    action.warned = true
    const text =
      'IRQ %d device %s returned IRQ_WAKE_THREAD but no thread function available.'
    this.#needs.log.printk(`${KERN_WARNING}${text}`, irq, action.name)
  }
}
