// What is part of the kernel and has parameters: all of it is there before the command line is
// parsed, and no driver runs before that. Linux: do_initcalls() in init/main.c, param_sysfs_init()
// in kernel/params.c.

import type { Uevents } from '../../base/uevent.ts'
import type { SysFs } from '../../fs/sysfs/sysfs.ts'
import type { param_definition } from '../../include/linux/kernel_param.ts'
import { KERN_ERR } from '../../include/linux/printk.ts'
import type { CommandLine } from '../params/command_line.ts'
import type { Params } from '../params/params.ts'
import type { Printk } from '../printk.ts'
import type { Modules } from './main.ts'
import type { Module } from './module.ts'
import { param_sysfs_builtin } from './sysfs.ts'

/** Parameters of a part of the kernel that is no driver. */
export interface CoreParams {
  /** Where they are in /sys/module. */
  module: string
  /** What stands before their names on the command line: "printk.", or nothing. */
  prefix: string
  params: readonly param_definition[]
}

interface Needs {
  sysfs: SysFs
  uevents: Uevents
  params: Params
  modules: Modules
  command_line: CommandLine
  log: Printk
}

/** Set all parameters, then initialise the drivers, in order. */
export async function do_initcalls(
  needs: Needs,
  core: readonly CoreParams[],
  images: readonly Uint8Array[],
): Promise<void> {
  const { modules, command_line, log } = needs
  const format = `${KERN_ERR}a built-in driver failed to initialise: %d\n`
  const parts = core.map(({ module, prefix, params }) => ({
    module,
    kp: command_line.builtin(prefix, params),
  }))
  const drivers: Module[] = []
  for (const image of images) {
    const mod = await modules.link_builtin(image)
    if (typeof mod === 'number') log.printk(format, mod)
    else drivers.push(mod)
  }
  await command_line.parse()
  for (const { module, kp } of parts) param_sysfs_builtin(needs, module, kp)
  for (const mod of drivers) {
    const err = await modules.do_initcall(mod)
    if (err) log.printk(format, err)
  }
}
