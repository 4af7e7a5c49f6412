// What a directory in /sys stands for. Linux: lib/kobject.c, of which events need the name, the path
// and the set that an object belongs to.

import type { kobj_uevent_env, kobject } from '../include/linux/kobject.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Inode } from '../fs/inode.ts'

export class Kobject implements kobject {
  readonly name: string
  /** Its directory. */
  readonly dir: Inode
  /** SUBSYSTEM of its events: the name of its set. */
  readonly subsystem: string
  /** What its set adds to each event. */
  readonly uevent: ((env: kobj_uevent_env) => errno_t) | undefined
  state_add_uevent_sent = false
  state_remove_uevent_sent = false

  constructor(dir: Inode, subsystem: string, uevent?: (env: kobj_uevent_env) => errno_t) {
    this.name = dir.name
    this.dir = dir
    this.subsystem = subsystem
    this.uevent = uevent
  }

  /** From the root of /sys: "/module/hello". */
  get path(): string {
    return this.dir.path.replace(/^\/sys/, '')
  }
}
