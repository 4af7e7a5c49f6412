// Drivers that are part of the kernel: all are there before the command line is parsed, and none
// runs before that. Linux: do_initcalls() in init/main.c.

import { KERN_ERR } from '../../include/linux/printk.ts'
import type { CommandLine } from '../params/command_line.ts'
import type { Printk } from '../printk.ts'
import type { Modules } from './main.ts'
import type { Module } from './module.ts'

interface Needs {
  modules: Modules
  command_line: CommandLine
  log: Printk
}

/** Set their parameters, then initialise them, in order. */
export async function do_initcalls(
  { modules, command_line, log }: Needs,
  images: readonly Uint8Array[],
): Promise<void> {
  const format = `${KERN_ERR}a built-in driver failed to initialise: %d\n`
  const drivers: Module[] = []
  for (const image of images) {
    const mod = await modules.link_builtin(image)
    if (typeof mod === 'number') log.printk(format, mod)
    else drivers.push(mod)
  }
  await command_line.parse()
  for (const mod of drivers) {
    const err = await modules.do_initcall(mod)
    if (err) log.printk(format, err)
  }
}
