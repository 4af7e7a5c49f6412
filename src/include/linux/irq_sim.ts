// Interrupts without devices. Implemented in kernel/irq/irq_sim.ts. Linux: include/linux/irq_sim.h.
//
// irq_domain_create_sim() makes lines, irq_create_mapping() gives one a number for request_irq(), and
// irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true) lets an interrupt come.
import type { IrqSim } from '../../kernel/irq/irq_sim.ts'

export * from './irqdomain.ts'

/** For irq_set_irqchip_state(): has the line rung? */
export const IRQCHIP_STATE_PENDING = 0

/** `num_irqs` lines; `fwnode` is for nothing here. */
export declare const irq_domain_create_sim: IrqSim['irq_domain_create_sim']
/** Give the lines back: their numbers must have been disposed of. */
export declare const irq_domain_remove_sim: IrqSim['irq_domain_remove_sim']
/** Let a simulated line ring: 0, or -EINVAL if it is none. Nothing comes while it is masked. */
export declare const irq_set_irqchip_state: IrqSim['irq_set_irqchip_state']
