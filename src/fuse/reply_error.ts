// Which error a program sees. The one place where the kernel's private error numbers end.
//
// The host refuses replies with numbers that user programs do not know, and the program
// would then hang; so whatever comes out of the file systems is made presentable here.

import { EINTR, EIO, ENOTTY, EOPNOTSUPP, ENOSYS } from '../include/uapi/errno.ts'

// Linux: include/linux/errno.h. A sleep that ends by a signal gives one of the ERESTART
// numbers; the host has no way to start a request again, so the program gets EINTR.
const ERESTARTSYS = 512
const ENOIOCTLCMD = 515
const ERESTART_RESTARTBLOCK = 516

/**
 * `value` as an error in [-511, -1]. What no reader of Linux's headers would expect becomes
 * -EIO, and `report` is told. `tellsENOSYS`: see Operation.
 */
export function replyError(
  value: unknown,
  tellsENOSYS: boolean,
  report: (what: string) => void,
): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value >= 0) {
    report(`returned ${String(value)}, which is no error number`)
    return -EIO
  }
  if (value === -ENOSYS && !tellsENOSYS) return -EOPNOTSUPP
  if (value > -ERESTARTSYS) return value
  if (value === -ENOIOCTLCMD) return -ENOTTY
  if (value >= -ERESTART_RESTARTBLOCK) return -EINTR

  report(`returned ${value}, an error number no program knows`)
  return -EIO
}
