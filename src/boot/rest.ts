// The end of booting: the command line is obeyed, the built-in drivers come up.
// Linux: init/main.c, rest_init().

import { do_initcalls } from '../kernel/module/builtin.ts'
import type { Core } from './core.ts'
import type { FileSystems } from './filesystems.ts'
import type { Locking } from './locking.ts'
import type { Loading } from './modules.ts'
import type { Parameters } from './params.ts'
import type { Reporting } from './reporting.ts'
import type { Start } from './start.ts'

type Given = Start & Core & Reporting & Locking & Parameters & FileSystems & Loading

export async function rest_init(given: Given): Promise<void> {
  const { formats, log, emergency, lockdep, modules } = given
  const { command_line, params, sysfs, uevents, options } = given

  early_params(given)
  await do_initcalls(
    { modules, command_line, params, sysfs, uevents, log },
    [
      modules.core_params,
      emergency.core_params,
      log.settings.core_params,
      lockdep.core_params,
    ],
    options.builtin ?? [],
  )
  formats.random_ready()
}

function early_params({ log, emergency, watchdog, command_line, ...given }: Given): void {
  const { release, builtBy, version } = given.options.uts
  log.printk(`\x015Linux version %s %s %s\n`, release, builtBy, version)
  log.printk(`\x016Command line: %s\n`, given.cmdline)
  command_line.early_param('oops', emergency.oops_setup)
  for (const [name, setup] of Object.entries(watchdog.early_params)) {
    command_line.early_param(name, setup)
  }
  command_line.parse_early_param()
}
