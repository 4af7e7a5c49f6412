// The kernel's own objects in /sys: modules, classes, devices, of which events need the name, the
// path and the set that they belong to. Linux: struct kobject of these.

import { type kobj_uevent_env, kobject } from '../include/linux/kobject.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Inode } from '../fs/inode.ts'

type AddVariables = (env: kobj_uevent_env) => errno_t

export class Kobject extends kobject {
  /** Its directory. */
  readonly dir: Inode
  /** SUBSYSTEM of its events: the name of its set. Undefined: it has none, and no events. */
  readonly subsystem: string | undefined
  /** What its set adds to each event. */
  readonly uevent: AddVariables | undefined

  constructor(dir: Inode, subsystem: string | undefined, uevent?: AddVariables) {
    super()
    this.name = dir.name
    this.dir = dir
    this.sd = dir
    this.subsystem = subsystem
    this.uevent = uevent
    this.refcount = 1
    this.state_initialized = true
    this.state_in_sysfs = true
  }
}

/** From the root of /sys: "/module/hello"; undefined if it is not there. */
export function kobject_path(kobj: kobject): string | undefined {
  const dir = kobj.sd as Inode | undefined
  return dir?.path.replace(/^\/sys/, '')
}
