// Modules: their loader, their symbols, their debug messages, and what loads them on demand.

import { DynamicDebug } from '../kernel/dynamic_debug.ts'
import { Kmod } from '../kernel/kmod.ts'
import { Modules } from '../kernel/module/main.ts'
import { SymbolGet } from '../kernel/module/symbol_get.ts'
import { SymbolLookup } from '../kernel/module/symbol_lookup.ts'
import { UsermodeHelpers } from '../kernel/umh.ts'
import { vermagic } from '../lib/vermagic.ts'
import type { Core } from './core.ts'
import type { FileSystems } from './filesystems.ts'
import type { Memory } from './memory.ts'
import type { Parameters } from './params.ts'
import type { Reporting } from './reporting.ts'
import type { Start } from './start.ts'

export type Loading = ReturnType<typeof modules_init>

export function modules_init(
  given: Start & Core & Reporting & Parameters & FileSystems & Memory,
) {
  const { sched, symbols, wait, capabilities } = given
  const { formats, log, taints, stacks, traps, watchdog, hungTasks } = given
  const { params, command_line, code, procfs, sysfs, uevents, debugfs, memory } = given
  const { uts, machine, startHelper } = given.options

  const umh = new UsermodeHelpers({ wait, start: startHelper })
  const kmod = new Kmod(umh, wait, log) //                request_module
  const debug: DynamicDebug = new DynamicDebug({
    log,
    sched,
    procfs,
    debugfs,
    modules: () => modules.list.all().toReversed(),
  }) //                                                   pr_debug
  const modules = new Modules({
    symbols,
    sched,
    wait,
    capabilities,
    log,
    formats,
    taints,
    traps,
    stacks,
    code,
    procfs,
    sysfs,
    uevents,
    params,
    command_line,
    machine,
    vermagic: vermagic(uts.release),
    onLoad: () => {
      watchdog.start()
      hungTasks.start()
    },
    dyndbg: (...param) => debug.module_param(...param),
    freed: mod => memory.module_freed(mod),
  }) //                                                   insmod, rmmod, /proc/modules
  const lookup = new SymbolLookup(symbols, () => modules.list.all())
  const symbol_get = new SymbolGet({ log, traps, symbols, modules })

  symbols.exportFrom(umh, kmod, debug, modules, symbol_get)
  return { kmod, debug, modules, lookup }
}
