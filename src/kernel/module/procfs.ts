// /proc/modules. Linux: kernel/module/procfs.c.

import type { Module } from './module.ts'

const STATE = { live: 'Live', coming: 'Loading', going: 'Unloading', unformed: '' }

/** The line of a module; the address only for those who may see it. */
export function module_line(mod: Module, showAddresses: boolean): string {
  const address = (showAddresses ? mod.layout.base : 0n).toString(16).padStart(16, '0')
  const size = mod.layout.size + (mod.state === 'coming' ? mod.layout.initSize : 0)
  const flags = mod.flags && ` ${mod.flags}`
  return `${mod.name} ${size} ${mod.refcount} ${dependents(mod)} ${STATE[mod.state]} 0x${address}${flags}\n`
}

function dependents(mod: Module): string {
  const names = mod.users.map(user => `${user.name},`)
  if (mod.init && !mod.exit) names.push('[permanent],')
  return names.join('') || '-'
}
