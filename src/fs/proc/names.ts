// Paths in /proc to directories and names, and what a new name must be. Linux: fs/proc/generic.c,
// __xlate_proc_name(), __proc_create(), proc_register().

import type { proc_dir_entry } from '../../include/linux/proc_fs.ts'
import { S_IFDIR } from '../../include/uapi/stat.ts'
import type { Registered } from '../../kernel/debugobjects.ts'
import type { Traps } from '../../kernel/panic.ts'
import { ProcEntry } from './entry.ts'

const NAME_MAX = 255
/** A name that only digits make up, without a leading zero, is a process's. */
const PID = /^(?:0|[1-9]\d{0,8})$/

/** Where a path leads: the directory of its last part. */
interface Place {
  dir: ProcEntry
  name: string
}

export class ProcNames {
  readonly root = new ProcEntry({ mode: S_IFDIR | 0o555 })
  readonly #traps: Traps
  readonly #objects: Registered

  constructor(traps: Traps, objects: Registered) {
    this.#traps = traps
    this.#objects = objects
  }

  /** Where `path` leads from `parent`, or from /proc; nowhere, with a warning, if a directory is missing. */
  __xlate_proc_name(path: string, parent: proc_dir_entry | null): Place | undefined {
    const parts = path.split('/')
    const name = parts.pop() ?? ''
    let dir = (parent as ProcEntry | null) ?? this.root
    for (const part of parts) {
      const next = dir.child(part)
      if (!(next instanceof ProcEntry)) {
        this.#traps.WARN(true, "name '%s'\n", path)
        return undefined
      }
      dir = next
    }
    return { dir, name }
  }

  /** As __xlate_proc_name(), for a name that is to be made: nowhere if it can be none. */
  __proc_create(path: string, parent: proc_dir_entry | null): Place | undefined {
    const place = this.__xlate_proc_name(path, parent)
    if (!place) return undefined
    const { dir, name } = place
    const length = Buffer.byteLength(name)
    const bad =
      this.#traps.WARN(length === 0 || length > NAME_MAX, 'name len %u\n', length) ||
      this.#traps.WARN(name === '.' || name === '..', "name '%s'\n", name) ||
      this.#traps.WARN(
        dir === this.root && PID.test(name),
        "create '/proc/%s' by hand\n",
        name,
      )
    return bad ? undefined : place
  }

  /** Put `entry` there; null, with a warning, if the name is taken. */
  proc_register({ dir, name }: Place, entry: ProcEntry): ProcEntry | null {
    if (dir.child(name)) {
      this.#traps.WARN(
        true,
        "proc_dir_entry '%s/%s' already registered\n",
        this.nameOf(dir),
        name,
      )
      return null
    }
    this.#objects.debug_object_activate('proc_dir_entry', entry, name)
    return dir.add(name, entry)
  }

  /** As messages call it. */
  nameOf(dir: ProcEntry): string {
    return dir === this.root ? '/proc' : dir.name
  }
}
