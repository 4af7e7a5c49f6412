// Lines without devices, for drivers that let interrupts come themselves. Linux: kernel/irq/irq_sim.c,
// kernel/irq/irqdomain.c.

import { EINVAL } from '../../include/linux/errno.ts'
import { IRQCHIP_STATE_PENDING } from '../../include/linux/irq_sim.ts'
import type { irq_domain } from '../../include/linux/irqdomain.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { Traps } from '../panic.ts'
import type { IrqHandling } from './handle.ts'
import type { irq_desc, IrqDescs } from './irqdesc.ts'

class SimDomain implements irq_domain {
  readonly name = 'irq_sim'
  readonly size: number
  /** The lines that have numbers. */
  readonly mapped = new Map<number, irq_desc>()

  constructor(size: number) {
    this.size = size
  }
}

export class IrqSim {
  static readonly EXPORT_SYMBOL_GPL = [
    'irq_domain_create_sim',
    'irq_domain_remove_sim',
    'irq_create_mapping_affinity',
    'irq_dispose_mapping',
    '__irq_resolve_mapping',
    'irq_set_irqchip_state',
  ] as const

  readonly #descs: IrqDescs
  readonly #handling: IrqHandling
  readonly #traps: Traps
  readonly #domainOf = new Map<irq_desc, SimDomain>()

  constructor(descs: IrqDescs, handling: IrqHandling, traps: Traps) {
    this.#descs = descs
    this.#handling = handling
    this.#traps = traps
  }

  irq_domain_create_sim(_fwnode: unknown, num_irqs: number): irq_domain | errno_t {
    return new SimDomain(num_irqs)
  }

  irq_domain_remove_sim(domain: irq_domain): void {
    this.#traps.WARN_ON((domain as SimDomain).mapped.size > 0)
  }

  irq_create_mapping_affinity(
    domain: irq_domain,
    hwirq: number,
    _affinity: unknown,
  ): number {
    const { mapped, size } = domain as SimDomain
    const known = mapped.get(hwirq)
    if (known) return known.irq
    if (hwirq < 0 || hwirq >= size) return 0
    const desc = this.#descs.alloc(hwirq)
    mapped.set(hwirq, desc)
    this.#domainOf.set(desc, domain as SimDomain)
    return desc.irq
  }

  __irq_resolve_mapping(domain: irq_domain, hwirq: number): number {
    return (domain as SimDomain).mapped.get(hwirq)?.irq ?? 0
  }

  irq_dispose_mapping(irq: number): void {
    const desc = this.#descs.irq_to_desc(irq)
    const domain = desc && this.#domainOf.get(desc)
    if (!desc || !domain) return
    this.#domainOf.delete(desc)
    domain.mapped.delete(desc.hwirq)
    this.#descs.free(desc)
  }

  irq_set_irqchip_state(irq: number, which: number, state: boolean): errno_t {
    const desc = this.#descs.irq_to_desc(irq)
    if (!desc || desc.chip !== 'irq_sim') return -EINVAL
    if (which !== IRQCHIP_STATE_PENDING) return -EINVAL
    if (state && desc.actions.length > 0) this.#handling.raise(desc)
    return 0
  }
}
