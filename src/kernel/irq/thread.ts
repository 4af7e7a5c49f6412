// The threads of interrupts: what handlers leave to code that may sleep. Linux: kernel/irq/manage.c.

import { IRQF_ONESHOT } from '../../include/linux/interrupt.ts'
import { TASK_INTERRUPTIBLE } from '../../include/linux/sched.ts'
import type { Kthreads } from '../kthread.ts'
import type { ModuleCode } from '../module/code.ts'
import type { Scheduler } from '../sched.ts'
import type { WaitQueues } from '../wait.ts'
import type { IrqHandling } from './handle.ts'
import type { irq_desc, irqaction } from './irqdesc.ts'

interface Needs {
  sched: Scheduler
  wait: WaitQueues
  kthreads: Kthreads
  code: ModuleCode
  handling: IrqHandling
}

export class IrqThreads {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  start(desc: irq_desc, action: irqaction): void {
    const { sched, kthreads } = this.#needs
    const fn = () => this.#irq_thread(desc, action)
    const name = `irq/${desc.irq}-${action.name}`
    action.thread = kthreads.kthread_create_on_node(fn, null, 0, '%s', name)
    sched.wake_up_process(action.thread)
  }

  /** What it has begun it finishes. */
  async stop(desc: irq_desc, { thread }: irqaction): Promise<void> {
    const { kthreads, wait } = this.#needs
    await wait.wait_event(desc.wait_for_threads, () => desc.threads_active === 0)
    if (thread) await kthreads.kthread_stop(thread)
  }

  async #irq_thread(desc: irq_desc, action: irqaction): Promise<number> {
    const { sched, kthreads } = this.#needs
    while (action.woken || !kthreads.kthread_should_stop()) {
      if (action.woken) {
        await this.#call(desc, action)
        continue
      }
      sched.set_current_state(TASK_INTERRUPTIBLE)
      await sched.schedule()
    }
    return 0
  }

  async #call(desc: irq_desc, action: irqaction): Promise<void> {
    const { code, wait, handling } = this.#needs
    const fn = action.thread_fn as (irq: number, dev_id: unknown) => unknown
    action.woken = false
    code.check(fn)
    await fn(desc.irq, action.dev_id)
    desc.threads_active--
    wait.wake_up_all(desc.wait_for_threads)
    if (!(action.flags & IRQF_ONESHOT)) return
    desc.depth--
    handling.check_irq_resend(desc)
  }
}
