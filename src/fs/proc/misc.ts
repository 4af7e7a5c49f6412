// Files of /proc that belong to no other part of the kernel: version, uptime, cmdline,
// filesystems, devices. Linux: fs/proc/{version,uptime,cmdline,devices}.c.

import type { Jiffies } from '../../kernel/time/jiffies.ts'
import type { Sysctl } from '../../kernel/sysctl.ts'
import type { CharDevices } from '../char_dev.ts'
import type { ProcFs } from './generic.ts'

/** What uname(2) says of this machine. */
export interface Utsname {
  sysname: string
  nodename: string
  release: string
  version: string
  /** Who built it and with what: "(user@host) (compiler)". */
  builtBy: string
}

interface Facts {
  uts: Utsname
  time: Jiffies
  cmdline: string
  chrdevs: CharDevices
  /** Names of the file systems, in the order in which they registered. */
  filesystems: readonly string[]
}

export function proc_misc_init(procfs: ProcFs, facts: Facts): void {
  const { uts, time, cmdline, chrdevs, filesystems } = facts
  procfs.create(
    'version',
    0o444,
    () => `${uts.sysname} version ${uts.release} ${uts.builtBy} ${uts.version}\n`,
  )
  procfs.create('uptime', 0o444, () => uptime(time))
  procfs.create('cmdline', 0o444, () => `${cmdline}\n`)
  procfs.create('filesystems', 0o444, () =>
    filesystems.map(name => `nodev\t${name}\n`).join(''),
  )
  procfs.create(
    'devices',
    0o444,
    () => `Character devices:\n${chrdevs.chrdev_show()}\nBlock devices:\n`,
  )
}

/** Seconds since boot, and how many of them the CPU had nothing to do. */
function uptime(time: Jiffies): string {
  const up = time.uptime()
  const { user, system } = process.cpuUsage()
  const idle = Math.max(0, up - (user + system) / 1e6)
  return `${up.toFixed(2)} ${idle.toFixed(2)}\n`
}

export function uts_sysctl(sysctl: Sysctl, uts: Utsname): void {
  sysctl.register('kernel/ostype', { read: () => uts.sysname })
  sysctl.register('kernel/osrelease', { read: () => uts.release })
  sysctl.register('kernel/version', { read: () => uts.version })
  sysctl.register('kernel/hostname', {
    read: () => uts.nodename,
    write(text) {
      uts.nodename = text.replace(/\n.*$/s, '').slice(0, 64)
      return 0
    },
  })
}
