// What stands between a program and a driver's file in debugfs: the module is held while the file is
// open, and a file that has been removed answers EIO. Linux: full_proxy_open() and its like in
// fs/debugfs/file.c.

import { EIO, ENXIO } from '../../include/linux/errno.ts'
import type { file, file_operations } from '../../include/linux/fs.ts'
import type { module } from '../../include/linux/module.ts'
import { EPOLLHUP } from '../../include/uapi/poll.ts'
import type { ModuleCode } from '../../kernel/module/code.ts'
import type { ActiveCalls } from '../active.ts'
import type { Inode } from '../inode.ts'

export interface ModuleReferences {
  try_module_get(module: module | undefined): boolean
  module_put(module: module | undefined): void
}

interface Needs {
  active: ActiveCalls
  modules: ModuleReferences
  code: ModuleCode
}

const inodeOf = (filp: file): Inode => filp.f_inode as Inode

/** The operations of a file whose driver gave `real`; what that has not, it has not, either. */
export function full_proxy(
  { active, modules, code }: Needs,
  real: file_operations,
): file_operations {
  const proxy: file_operations = { ...openAndRelease(modules, code, real) }
  const enter = (filp: file, call: () => ReturnType<NonNullable<typeof real.read>>) =>
    active.enter(inodeOf(filp), -EIO, () => {
      code.check(real)
      return call()
    })
  if (real.read)
    proxy.read = (filp, buf, count, pos) =>
      enter(filp, () => real.read?.(filp, buf, count, pos) ?? -EIO)
  if (real.write)
    proxy.write = (filp, buf, count, pos) =>
      enter(filp, () => real.write?.(filp, buf, count, pos) ?? -EIO)
  if (real.llseek)
    proxy.llseek = (filp, offset, whence) =>
      enter(filp, () => real.llseek?.(filp, offset, whence) ?? -EIO)
  if (real.unlocked_ioctl)
    proxy.unlocked_ioctl = (filp, cmd, arg) =>
      enter(filp, () => real.unlocked_ioctl?.(filp, cmd, arg) ?? -EIO)
  if (real.poll)
    proxy.poll = (filp, table) =>
      active.enter(inodeOf(filp), EPOLLHUP, () => real.poll?.(filp, table) ?? 0)
  return proxy
}

/** The module is held from open() to release(); an open() that crashes keeps it for good. */
function openAndRelease(
  modules: ModuleReferences,
  code: ModuleCode,
  real: file_operations,
): file_operations {
  const put = (err: number) => {
    if (err) modules.module_put(real.owner)
    return err
  }
  const release = (err: number) => {
    modules.module_put(real.owner)
    return err
  }
  return {
    open(inode, filp) {
      code.check(real)
      if (!modules.try_module_get(real.owner)) return -ENXIO
      const err = real.open?.(inode, filp) ?? 0
      return typeof err === 'object' ? err.then(put) : put(err)
    },
    release(inode, filp) {
      const err = real.release?.(inode, filp) ?? 0
      return typeof err === 'object' ? err.then(release) : release(err)
    },
  }
}
