// Which CPU: this machine has one, with the number 0. Linux: include/linux/smp.h, include/linux/cpumask.h.
import { preempt_disable, preempt_enable } from './preempt.ts'

/** The CPU that this code runs on. */
export const smp_processor_id = (): number => 0
export const raw_smp_processor_id = smp_processor_id
/** The CPU that this code runs on, and stays on until put_cpu(): no sleeping in between. */
export function get_cpu(): number {
  preempt_disable()
  return smp_processor_id()
}
export const put_cpu = (): void => preempt_enable()

export const num_online_cpus = (): number => 1
export const num_possible_cpus = num_online_cpus
export const num_present_cpus = num_online_cpus
export const nr_cpu_ids = 1
