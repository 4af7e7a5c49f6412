// Numbers of simulated lines. Implemented in kernel/irq/irq_sim.ts. Linux: include/linux/irqdomain.h.
import type { IrqSim } from '../../kernel/irq/irq_sim.ts'

/** What irq_domain_create_sim() makes. */
export interface irq_domain {
  readonly name: string
}

/** @internal */
export declare const irq_create_mapping_affinity: IrqSim['irq_create_mapping_affinity']
/** @internal */
export declare const __irq_resolve_mapping: IrqSim['__irq_resolve_mapping']
/** Give the number back. */
export declare const irq_dispose_mapping: IrqSim['irq_dispose_mapping']

/** The number of the domain's line `hwirq`, for request_irq(); 0 if there is no such line. */
export const irq_create_mapping = (domain: irq_domain, hwirq: number): number =>
  irq_create_mapping_affinity(domain, hwirq, null)
/** As irq_create_mapping(), but 0 if it has no number yet. */
export const irq_find_mapping = (domain: irq_domain, hwirq: number): number =>
  __irq_resolve_mapping(domain, hwirq)
