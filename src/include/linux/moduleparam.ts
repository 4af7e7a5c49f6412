// Parameters of modules. Implemented in kernel/params.ts. Linux: include/linux/moduleparam.h.
import { MODULE_INFO } from './module.ts'
import type { ref, umode_t } from './types.ts'

/** The value behind each type of parameter. */
export interface param_types {
  int: number
  bool: boolean
  charp: string | null
}

export type param_type = keyof param_types

/** @internal What module_param() tells the loader. */
export interface param_definition<T extends param_type = param_type> {
  name: string
  type: T
  arg: ref<param_types[T]>
  /** Mode of the file in /sys/module/<name>/parameters; 0 for no file. */
  perm: umode_t
}

/**
 * A parameter `name`, set with `insmod x.ko name=value`; read it as `.value`. Until the
 * module's init runs it has the value given here.
 */
export function module_param<T extends param_type>(
  name: string,
  type: T,
  value: param_types[T],
  perm: umode_t,
): ref<param_types[T]> {
  const arg = { value }
  MODULE_INFO('parmtype', `${name}:${type}`)
  __this_module.param({ name, type, arg, perm } as param_definition)
  return arg
}

/** What modinfo says about parameter `name`. */
export function MODULE_PARM_DESC(name: string, description: string): void {
  MODULE_INFO('parm', `${name}:${description}`)
}
