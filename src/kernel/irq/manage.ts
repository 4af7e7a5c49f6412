// Drivers request lines and give them back. Linux: kernel/irq/manage.c.

import { EBUSY, EINVAL } from '../../include/linux/errno.ts'
import {
  IRQF_NO_AUTOEN,
  IRQF_ONESHOT,
  IRQF_PROBE_SHARED,
  IRQF_SHARED,
  IRQF_TRIGGER_MASK,
  type irq_handler_t,
  type irq_thread_fn_t,
} from '../../include/linux/interrupt.ts'
import { IRQ_WAKE_THREAD } from '../../include/linux/irqreturn.ts'
import { HARDIRQ_MASK, SOFTIRQ_MASK } from '../../include/linux/preempt_mask.ts'
import { KERN_ERR, KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import type { Traps } from '../panic.ts'
import type { Printk } from '../printk.ts'
import type { Scheduler } from '../sched.ts'
import type { WaitQueues } from '../wait.ts'
import type { IrqHandling } from './handle.ts'
import type { irq_desc, IrqDescs, irqaction } from './irqdesc.ts'
import type { IrqThreads } from './thread.ts'

interface Needs {
  sched: Scheduler
  wait: WaitQueues
  log: Printk
  traps: Traps
  descs: IrqDescs
  handling: IrqHandling
  threads: IrqThreads
}

/** What runs for a line whose driver has only a thread. */
const irq_default_primary_handler = (): number => IRQ_WAKE_THREAD

export class Irqs {
  static readonly EXPORT_SYMBOL = [
    'request_threaded_irq',
    'free_irq',
    'disable_irq',
    'disable_irq_nosync',
    'enable_irq',
    'synchronize_irq',
  ] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  request_threaded_irq<T>(
    irq: number,
    handler: irq_handler_t<T> | null,
    thread_fn: irq_thread_fn_t<T> | null,
    flags: number,
    name: string,
    dev_id: T,
  ): errno_t {
    const shared = (flags & IRQF_SHARED) !== 0
    const noId = dev_id === null || dev_id === undefined
    if (shared && (noId || (flags & IRQF_NO_AUTOEN) !== 0)) return -EINVAL
    const desc = this.#needs.descs.irq_to_desc(irq)
    if (!desc || (!handler && !thread_fn)) return -EINVAL
    const action: irqaction = {
      handler: handler ?? irq_default_primary_handler,
      thread_fn,
      flags,
      name,
      dev_id,
      thread: undefined,
      woken: false,
      warned: false,
    }
    return this.#setup_irq(desc, action)
  }

  /** The name it was requested with; null if it was not. */
  free_irq(irq: number, dev_id: unknown): MaybePromise<string | null> {
    const { descs, sched, traps } = this.#needs
    const desc = descs.irq_to_desc(irq)
    if (!desc) return null
    const inInterrupt =
      (sched.current.preempt_count & (HARDIRQ_MASK | SOFTIRQ_MASK)) !== 0
    traps.WARN(inInterrupt, 'Trying to free IRQ %d from IRQ context!\n', irq)
    const at = desc.actions.findIndex(action => action.dev_id === dev_id)
    const [action] = at < 0 ? [] : desc.actions.splice(at, 1)
    if (!action) {
      traps.WARN(true, 'Trying to free already-free IRQ %d\n', irq)
      return null
    }
    if (desc.actions.length === 0) desc.depth = 1
    return action.thread ? this.#stop_thread(desc, action) : action.name
  }

  disable_irq_nosync(irq: number): void {
    const desc = this.#needs.descs.irq_to_desc(irq)
    if (desc) desc.depth++
  }

  disable_irq(irq: number): MaybePromise<void> {
    this.disable_irq_nosync(irq)
    return this.synchronize_irq(irq)
  }

  enable_irq(irq: number): void {
    const { descs, traps, handling } = this.#needs
    const desc = descs.irq_to_desc(irq)
    if (!desc) return
    if (desc.depth === 0) {
      traps.WARN(true, `${KERN_WARNING}Unbalanced enable for IRQ %d\n`, irq)
      return
    }
    desc.depth--
    handling.check_irq_resend(desc)
  }

  /** On one CPU only threads can still be at it. */
  synchronize_irq(irq: number): MaybePromise<void> {
    const desc = this.#needs.descs.irq_to_desc(irq)
    if (desc && desc.threads_active > 0) return this.#threadsDone(desc)
  }

  #setup_irq(desc: irq_desc, action: irqaction): errno_t {
    const { log, threads } = this.#needs
    const { flags, name, handler } = action
    const first = desc.actions[0]
    if (first && !agree(first, action)) return this.#mismatch(desc.irq, first, action)
    if (handler === irq_default_primary_handler && !(flags & IRQF_ONESHOT)) {
      const text = 'genirq: Threaded irq requested with handler=NULL and !ONESHOT'
      log.printk(`${KERN_ERR}${text} for %s (irq %d)\n`, name, desc.irq)
      return -EINVAL
    }
    if (action.thread_fn) threads.start(desc, action)
    desc.actions.push(action)
    if (!first) this.#startup(desc, flags)
    return 0
  }

  #startup(desc: irq_desc, flags: number): void {
    desc.depth = flags & IRQF_NO_AUTOEN ? 1 : 0
    desc.pending = false
    desc.irq_count = 0
    desc.irqs_unhandled = 0
  }

  #mismatch(irq: number, old: irqaction, wanted: irqaction): errno_t {
    if (!(wanted.flags & IRQF_PROBE_SHARED)) {
      this.#needs.log.printk(
        `${KERN_ERR}genirq: Flags mismatch irq %d. %08x (%s) vs. %08x (%s)\n`,
        irq,
        wanted.flags,
        wanted.name,
        old.flags,
        old.name,
      )
    }
    return -EBUSY
  }

  async #stop_thread(desc: irq_desc, action: irqaction): Promise<string> {
    await this.#needs.threads.stop(desc, action)
    return action.name
  }

  async #threadsDone(desc: irq_desc): Promise<void> {
    const { wait } = this.#needs
    await wait.wait_event(desc.wait_for_threads, () => desc.threads_active === 0)
  }
}

/** May both have the line? */
function agree(old: irqaction, wanted: irqaction): boolean {
  const differs = old.flags ^ wanted.flags
  return (
    (old.flags & wanted.flags & IRQF_SHARED) !== 0 &&
    (differs & (IRQF_TRIGGER_MASK | IRQF_ONESHOT)) === 0
  )
}
