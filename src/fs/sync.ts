// fsync(2). Linux: fs/sync.c.

import { EINVAL } from '../include/linux/errno.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import type { Traps } from '../kernel/panic.ts'
import { callDriver } from './driver_call.ts'
import type { OpenFile } from './file.ts'

/** `datasync`: fdatasync(2), which leaves out what is not needed to find the data again. */
export function vfs_fsync(
  traps: Traps,
  filp: OpenFile,
  datasync: boolean,
): MaybePromise<errno_t> {
  const { f_op } = filp
  if (!f_op.fsync) return -EINVAL
  return callDriver(traps, () => f_op.fsync?.(filp, 0, Number.MAX_SAFE_INTEGER, datasync))
}
