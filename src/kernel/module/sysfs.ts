// /sys/module/<name>. Linux: kernel/module/sysfs.c, kernel/params.c.

import type { Kobject } from '../../base/kobject.ts'
import type { Uevents } from '../../base/uevent.ts'
import type { Inode } from '../../fs/inode.ts'
import type { SysFs } from '../../fs/sysfs/sysfs.ts'
import { KOBJ_ADD } from '../../include/linux/kobject.ts'
import type { kernel_param } from '../../include/linux/kernel_param.ts'
import { S_IWUGO } from '../../include/linux/stat.ts'
import type { Params } from '../params/params.ts'
import { moduleTaintLetters } from '../taint.ts'
import type { Module } from './module.ts'

/** Length of "0x", sixteen digits and a newline. */
const MODULE_SECT_READ_SIZE = 19

interface Needs {
  sysfs: SysFs
  params: Params
  uevents: Uevents
}

/** Make the directory of a module that is about to be initialised. */
export function mod_sysfs_setup(needs: Needs, mod: Module): Kobject {
  const { sysfs, uevents, params } = needs
  const dir = sysfs.mkdir('module', mod.name)
  const kobj = uevents.kobject(dir, 'module')
  uevents.attribute(kobj)
  sysfs.mkdir(dir, 'holders')
  addParameters(sysfs, params, dir, mod.kp)
  addAttributes(sysfs, dir, mod)
  for (const owner of mod.uses) addHolder(sysfs, owner, mod, dir)
  addSections(sysfs, dir, mod)
  addNotes(sysfs, dir, mod)
  return kobj
}

/** Take the directory away; who heard that it came hears that it goes. */
export function mod_sysfs_teardown({ sysfs, uevents }: Needs, mod: Module): void {
  for (const owner of mod.uses) {
    sysfs.dir('module').child(owner.name)?.child('holders')?.child(mod.name)?.remove()
  }
  if (!mod.kobj) return
  uevents.kobject_del(mod.kobj)
  mod.kobj.dir.remove()
}

/**
 * The directory of what is part of the kernel: there is one if it has a version, or a parameter
 * that shows.
 */
export function param_sysfs_builtin(
  needs: Needs,
  name: string,
  kp: readonly kernel_param[],
  version?: string,
): void {
  const { sysfs, uevents, params } = needs
  if (version === undefined && kp.every(({ perm }) => perm === 0)) return
  const dir = sysfs.mkdir('module', name)
  const isNew = dir.child('uevent') === undefined
  addParameters(sysfs, params, dir, kp)
  if (version !== undefined) {
    sysfs.attribute(dir, 'version', { mode: 0o444, show: () => `${version}\n` })
  }
  if (!isNew) return
  const kobj = uevents.kobject(dir, 'module')
  uevents.attribute(kobj)
  uevents.kobject_uevent(kobj, KOBJ_ADD)
}

function addAttributes(sysfs: SysFs, dir: Inode, mod: Module): void {
  const file = (name: string, show: () => string) =>
    sysfs.attribute(dir, name, { mode: 0o444, show: () => `${show()}\n` })
  for (const tag of ['version', 'srcversion']) {
    const value = mod.info(tag)
    if (value !== undefined) file(tag, () => value)
  }
  file('initstate', () => mod.state)
  file('coresize', () => String(mod.layout.size))
  file('initsize', () => String(mod.state === 'coming' ? mod.layout.initSize : 0))
  file('taint', () => moduleTaintLetters(mod.taints))
  file('refcnt', () => String(mod.refcount))
}

function addHolder(sysfs: SysFs, owner: Module, mod: Module, dir: Inode): void {
  const holders = sysfs.dir('module').child(owner.name)?.child('holders')
  if (holders) sysfs.link(holders, mod.name, dir)
}

function addParameters(
  sysfs: SysFs,
  params: Params,
  dir: Inode,
  kp: readonly kernel_param[],
): void {
  for (const param of kp.filter(({ perm }) => perm !== 0)) {
    sysfs.attribute(sysfs.mkdir(dir, 'parameters'), param.name, {
      mode: param.perm,
      show: () => params.param_attr_show(param),
      // A later chmod(1) does not make it writable.
      ...(param.perm & S_IWUGO
        ? { store: (text: string) => params.param_attr_store(param, text) }
        : {}),
    })
  }
}

function addSections(sysfs: SysFs, dir: Inode, mod: Module): void {
  const sections = sysfs.mkdir(dir, 'sections')
  const empty = new Set(mod.image.sections.filter(s => s.size === 0).map(s => s.name))
  for (const [name, address] of mod.layout.sections) {
    if (empty.has(name)) continue
    sysfs.attribute(sections, name, {
      mode: 0o400,
      size: MODULE_SECT_READ_SIZE,
      show: () => `0x${address.toString(16).padStart(16, '0')}\n`,
    })
  }
}

/** Each section that is a note, byte for byte. */
function addNotes(sysfs: SysFs, dir: Inode, mod: Module): void {
  for (const { name, data } of mod.image.notes) {
    sysfs.bin_attribute(sysfs.mkdir(dir, 'notes'), name, 0o444, data)
  }
}
