// /sys/module/<name>. Linux: kernel/module/sysfs.c, kernel/params.c.

import { S_IWUGO } from '../../include/linux/stat.ts'
import type { param_definition } from '../../include/linux/moduleparam.ts'
import type { Uevents } from '../../base/uevent.ts'
import type { Inode } from '../../fs/inode.ts'
import type { SysFs } from '../../fs/sysfs/sysfs.ts'
import { param_get, param_set } from '../params.ts'
import type { Printk } from '../printk.ts'
import { moduleTaintLetters } from '../taint.ts'
import type { Module } from './module.ts'

/** Length of "0x", sixteen digits and a newline. */
const ADDRESS_FILE_SIZE = 19

interface Needs {
  sysfs: SysFs
  log: Printk
  uevents: Uevents
}

/** Make the directory of a module that is about to be initialised. */
export function mod_sysfs_setup({ sysfs, log, uevents }: Needs, mod: Module): Inode {
  const dir = sysfs.mkdir('module', mod.name)
  const file = (name: string, show: () => string) =>
    sysfs.attribute(dir, name, { mode: 0o444, show: () => `${show()}\n` })

  uevents.attribute(dir, `module ${mod.name}`)
  file('coresize', () => String(mod.layout.size))
  file('initsize', () => String(mod.state === 'coming' ? mod.layout.initSize : 0))
  file('initstate', () => mod.state)
  file('refcnt', () => String(mod.refcount))
  file('taint', () => moduleTaintLetters(mod.taints))
  for (const tag of ['version', 'srcversion']) {
    const value = mod.info(tag)
    if (value !== undefined) file(tag, () => value)
  }
  sysfs.mkdir(dir, 'holders')
  addParameters(sysfs, log, dir, mod.params)
  addSections(sysfs, dir, mod)
  for (const owner of mod.uses) addHolder(sysfs, owner, mod, dir)
  return dir
}

export function mod_sysfs_teardown({ sysfs }: Needs, mod: Module): void {
  for (const owner of mod.uses) {
    sysfs.dir('module').child(owner.name)?.child('holders')?.child(mod.name)?.remove()
  }
  mod.dir?.remove()
}

function addHolder(sysfs: SysFs, owner: Module, mod: Module, dir: Inode): void {
  const holders = sysfs.dir('module').child(owner.name)?.child('holders')
  if (holders) sysfs.link(holders, mod.name, dir)
}

function addParameters(
  sysfs: SysFs,
  log: Printk,
  dir: Inode,
  params: readonly param_definition[],
): void {
  for (const param of params.filter(({ perm }) => perm !== 0)) {
    sysfs.attribute(sysfs.mkdir(dir, 'parameters'), param.name, {
      mode: param.perm,
      show: () => `${param_get(param)}\n`,
      // A later chmod(1) does not make it writable.
      ...(param.perm & S_IWUGO
        ? { store: (text: string) => param_set(log, param, cut(text)) }
        : {}),
    })
  }
}

/** A C string ends at its NUL. */
function cut(text: string): string {
  return text.split('\0', 1)[0] ?? ''
}

function addSections(sysfs: SysFs, dir: Inode, mod: Module): void {
  const sections = sysfs.mkdir(dir, 'sections')
  for (const [name, address] of mod.layout.sections) {
    sysfs.attribute(sections, name, {
      mode: 0o400,
      size: ADDRESS_FILE_SIZE,
      show: () => `0x${address.toString(16).padStart(16, '0')}\n`,
    })
  }
}
