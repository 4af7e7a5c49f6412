// ioctl(2). Linux: fs/ioctl.c.

import { ENOIOCTLCMD, ENOTTY } from '../include/linux/errno.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import type { Traps } from '../kernel/panic.ts'
import { callDriver } from './driver_call.ts'
import type { OpenFile } from './file.ts'

/** What the driver answers; a positive value goes to the program as it is. */
export function vfs_ioctl(
  traps: Traps,
  filp: OpenFile,
  cmd: number,
  arg: user_ptr,
): MaybePromise<number> {
  if (!filp.f_op.unlocked_ioctl) return -ENOTTY
  const answer = callDriver(traps, () => filp.f_op.unlocked_ioctl?.(filp, cmd, arg))
  return typeof answer === 'number' ? forUser(answer) : answer.then(forUser)
}

/** As vfs_ioctl(), of a program of 32 bits: only drivers that say so know what it means. */
export function compat_ioctl(
  traps: Traps,
  filp: OpenFile,
  cmd: number,
  arg: user_ptr,
): MaybePromise<number> {
  if (!filp.f_op.compat_ioctl) return -ENOTTY
  const answer = callDriver(traps, () => filp.f_op.compat_ioctl?.(filp, cmd, arg))
  return typeof answer === 'number' ? forUser(answer) : answer.then(forUser)
}

function forUser(answer: number): number {
  return answer === -ENOIOCTLCMD ? -ENOTTY : answer
}
