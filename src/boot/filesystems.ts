// /proc, /sys, /dev and /sys/kernel/debug, and the kobjects that folders of /sys stand for.

import { KobjectMoves } from '../base/kobject_moves.ts'
import { Kobjects } from '../base/kobjects.ts'
import { Uevents } from '../base/uevent.ts'
import { DebugFsArrays } from '../fs/debugfs/arrays.ts'
import { DebugFsFiles } from '../fs/debugfs/file.ts'
import { DebugFs } from '../fs/debugfs/inode.ts'
import { DevTmpFs } from '../fs/devtmpfs.ts'
import type { ModuleReferences } from '../fs/debugfs/proxy.ts'
import * as libfs from '../fs/libfs.ts'
import * as fasync from '../fs/fasync.ts'
import * as proc_entry from '../fs/proc/entry.ts'
import { ProcFs } from '../fs/proc/generic.ts'
import { SeqFiles } from '../fs/seq_file.ts'
import * as seq_list from '../fs/seq_list.ts'
import * as seq_text from '../fs/seq_text.ts'
import { SimpleAttributes } from '../fs/simple_attr.ts'
import { SysfsFiles } from '../fs/sysfs/file.ts'
import { SysfsGroups } from '../fs/sysfs/group.ts'
import { SysFs } from '../fs/sysfs/sysfs.ts'
import { Sysctl } from '../kernel/sysctl.ts'
import type { Core } from './core.ts'
import type { Locking } from './locking.ts'
import type { Parameters } from './params.ts'
import type { Reporting } from './reporting.ts'
import type { Start } from './start.ts'

export type FileSystems = ReturnType<typeof filesystems_init>

export function filesystems_init(given: Start & Core & Reporting & Locking & Parameters) {
  const { symbols, wait, formats, log, traps, mutexes, code, debugobjects, later } = given

  const seq = new SeqFiles({ log, traps, mutexes, formats }) // seq_open, seq_read
  const procfs = new ProcFs({ traps, wait, seq, code, debugobjects }) // proc_create
  const sysfs = new SysFs({ wait, log, traps })
  const devtmpfs = new DevTmpFs()
  const sysctl = new Sysctl((path, entry) => procfs.create_sysctl(path, entry))
  const uevents = new Uevents(sysfs, log, wait) //        kobject_uevent
  const sysfs_files = new SysfsFiles({ sysfs, log, traps, formats, code })
  const groups = new SysfsGroups({ sysfs, files: sysfs_files, traps })
  const kobjects = new Kobjects({ sysfs, groups, uevents, log, traps })
  const moves = new KobjectMoves({ sysfs, kobjects, uevents })
  const modules: ModuleReferences = {
    try_module_get: module => later.modules().try_module_get(module),
    module_put: module => later.modules().module_put(module),
  }
  const debugfs = new DebugFs({ sysfs, log, code, debugobjects, modules })
  const simple_attributes = new SimpleAttributes()

  symbols.exportFrom(seq, procfs, uevents, sysfs_files, groups, kobjects, moves)
  symbols.exportFrom(
    debugfs,
    simple_attributes,
    new DebugFsFiles(debugfs, simple_attributes),
    new DebugFsArrays(debugfs),
  )
  for (const file of [fasync, libfs, proc_entry, seq_list, seq_text]) {
    symbols.exportFunctions(file.EXPORT_SYMBOL)
  }
  return {
    procfs,
    sysfs,
    devtmpfs,
    sysctl,
    uevents,
    sysfs_files,
    groups,
    kobjects,
    moves,
    debugfs,
  }
}
