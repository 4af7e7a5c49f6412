// The options given to a module when it is loaded: its parameters, and what else they may say.
// Linux: the part of load_module() that calls parse_args(), in kernel/module/main.c.

import { KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { LoadTrace } from '../../lib/load_step.ts'
import type { Traps } from '../panic.ts'
import type { Params } from '../params/params.ts'
import type { Printk } from '../printk.ts'
import type { Module } from './module.ts'

interface Needs {
  log: Printk
  traps: Traps
  params: Params
  /** Is it dynamic debug's parameter? Then that is done. */
  dyndbg: (param: string, value: string | undefined, modname: string) => boolean
}

/** Set the parameters of `mod` as `args`, "name=value name=value", has them. */
export function parse_module_args(
  needs: Needs,
  mod: Module,
  args: string,
  trace: LoadTrace,
): Promise<errno_t | 'crashed'> {
  const { traps, params } = needs
  mod.kp = mod.params.map(one => params.kernel_param(one, mod))
  return traps.call(async () => {
    const { err, after_dashes } = await params.parse_args(args, {
      doing: mod.name,
      params: mod.kp,
      unknown: (name, value) => unknown_module_param(needs, mod, name, value, trace),
      seen: (name, value, err) =>
        trace?.({ step: 'parameter', name, value, known: true, err }),
    })
    if (!err && after_dashes !== undefined) ignored(needs, mod, after_dashes)
    return err
  })
}

/** Options that mean something to the kernel, not to the module, are taken as well. */
function unknown_module_param(
  { log, dyndbg }: Needs,
  mod: Module,
  name: string,
  value: string | null,
  trace: LoadTrace,
): errno_t {
  // For async_probe there is nothing to do: init runs at once in any case.
  const known = name === 'async_probe' || dyndbg(name, value ?? undefined, mod.name)
  trace?.({ step: 'parameter', name, value, known, err: 0 })
  if (known) return 0
  // Who looks for "dyndbg" and "module.dyndbg" cuts the name at its dot, and leaves it cut.
  const [cut] = name.split('.')
  log.printk(`${KERN_WARNING}%s: unknown parameter '%s' ignored\n`, mod.name, cut)
  return 0
}

function ignored({ log }: Needs, mod: Module, after_dashes: string): void {
  const format = `${KERN_WARNING}%s: parameters '%s' after \`--' ignored\n`
  log.printk(format, mod.name, after_dashes)
}
