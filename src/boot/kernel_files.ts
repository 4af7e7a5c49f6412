// What the kernel's parts show of themselves in /proc and /sys: each made by its owner.

import { proc_kmsg_init } from '../fs/proc/kmsg.ts'
import { proc_misc_init, uts_sysctl } from '../fs/proc/misc.ts'
import { irq_proc_init } from '../kernel/irq/show.ts'
import { sysrq_init } from '../kernel/sysrq.ts'
import type { Core } from './core.ts'
import type { DeviceModel } from './devices.ts'
import type { FileSystems } from './filesystems.ts'
import type { Interrupts } from './interrupts.ts'
import type { Locking } from './locking.ts'
import type { Memory } from './memory.ts'
import type { Loading } from './modules.ts'
import type { Reporting } from './reporting.ts'
import type { Start } from './start.ts'

type Given = Start &
  Core &
  Reporting &
  Locking &
  Interrupts &
  FileSystems &
  Memory &
  Loading &
  DeviceModel

export function kernel_files_init(given: Given): void {
  const { procfs, sysfs, debugfs, log, emergency, hungTasks, slab } = given
  const { descs, handling, softirqs, clock, time, chrdevs, cmdline } = given
  const { uts } = given.options

  sysctl_init(given)
  emergency.register_sysfs(sysfs)
  sysrq_init(procfs, { log, emergency, hungTasks })
  proc_kmsg_init(procfs, log)
  procfs.create('slabinfo', 0o400, () => slab.slabinfo())
  irq_proc_init({ procfs, debugfs, descs, handling, softirqs, clock })
  const filesystems = ['sysfs', 'ramfs', 'proc', 'devtmpfs', 'debugfs']
  proc_misc_init(procfs, { uts, time, cmdline, chrdevs, filesystems })
}

function sysctl_init(given: Given): void {
  const { sysctl, log, formats, emergency, watchdog, hungTasks, taints } = given
  const { modules, kmod, lockdep, options } = given
  const reporting = [log, formats, emergency, watchdog, hungTasks, taints]
  for (const subsystem of [...reporting, modules, kmod, lockdep]) {
    subsystem.register_sysctl(sysctl)
  }
  uts_sysctl(sysctl, options.uts)
}
