// Objects that get another name or another place in /sys, and the events that say so. Linux:
// kobject_rename() and kobject_move() in lib/kobject.c.

import { EINVAL } from '../include/linux/errno.ts'
import { KOBJ_MOVE, type kobject } from '../include/linux/kobject.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'
import { kobject_path } from './kobject.ts'
import type { Kobjects } from './kobjects.ts'
import type { Uevents } from './uevent.ts'

type MaybeKobject = kobject | null | undefined

interface Needs {
  sysfs: SysFs
  kobjects: Kobjects
  uevents: Uevents
}

export class KobjectMoves {
  static readonly EXPORT_SYMBOL_GPL = ['kobject_rename', 'kobject_move'] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  kobject_rename(kobj: MaybeKobject, new_name: string): errno_t {
    if (!kobj?.parent || !kobj.sd) return -EINVAL
    const { sysfs, uevents } = this.#needs
    const dir = kobj.sd as Inode
    const before = `DEVPATH_OLD=${kobject_path(kobj)}`
    const home = sysfs.dirOf(kobj.parent)
    if (home?.child(new_name)) return sysfs.warn_dup(home, new_name)
    sysfs.move(dir, dir.parent as Inode, new_name)
    kobj.name = new_name
    uevents.kobject_uevent_env(kobj, KOBJ_MOVE, [before])
    return 0
  }

  /** `new_parent` null: into the directory of its set. */
  kobject_move(kobj: MaybeKobject, new_parent: MaybeKobject): errno_t {
    if (!kobj?.parent || !kobj.sd) return -EINVAL
    const { sysfs, uevents, kobjects } = this.#needs
    const parent = new_parent ?? kobj.kset?.kobj
    const home = sysfs.dirOf(parent)
    if (!home) return -EINVAL
    if (home.child(kobj.name)) return sysfs.warn_dup(home, kobj.name)
    const before = `DEVPATH_OLD=${kobject_path(kobj)}`
    sysfs.move(kobj.sd as Inode, home, kobj.name)
    const old = kobj.parent
    kobj.parent = kobjects.kobject_get(parent)
    kobjects.kobject_put(old)
    uevents.kobject_uevent_env(kobj, KOBJ_MOVE, [before])
    return 0
  }
}
