// fcntl(2), but for what is about descriptors: flags of an open file, and who gets its signals; and the
// ioctls that do the same. Linux: fs/fcntl.c, fs/ioctl.c.

import {
  EBADF,
  EFAULT,
  EINVAL,
  ENOIOCTLCMD,
  ENOTTY,
  EPERM,
  ESRCH,
} from '../include/linux/errno.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { bytesOf } from '../include/linux/void_ptr.ts'
import {
  F_GETFL,
  F_GETOWN,
  F_GETOWN_EX,
  F_GETSIG,
  F_OWNER_PGRP,
  F_OWNER_PID,
  F_OWNER_TID,
  F_SETFL,
  F_SETOWN,
  F_SETOWN_EX,
  F_SETSIG,
  FASYNC,
  O_APPEND,
  O_DIRECT,
  O_NOATIME,
  O_NONBLOCK,
  O_PATH,
} from '../include/uapi/fcntl.ts'
import { FIGETBSZ, FIOASYNC, FIONBIO } from '../include/uapi/ioctls.ts'
import { _NSIG } from '../include/uapi/signal.ts'
import { copy_from_user, copy_to_user } from '../lib/usercopy.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Processes } from '../kernel/pid.ts'
import type { Scheduler } from '../kernel/sched.ts'
import { callDriver } from './driver_call.ts'
import type { FileOwner, OpenFile } from './file.ts'

/** What F_SETFL can change; fasync_helper() sets O_ASYNC. */
export const SETFL_MASK = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME
const PAGE_SIZE = 4096
const INT_MIN = -(2 ** 31)

export class FileControl {
  readonly #traps: Traps
  readonly #sched: Scheduler
  readonly #processes: Processes

  constructor(traps: Traps, sched: Scheduler, processes: Processes) {
    this.#traps = traps
    this.#sched = sched
    this.#processes = processes
  }

  /** F_GETFL, F_SETFL and the owner's commands, of descriptor `fd`, which is `filp`. */
  do_fcntl(fd: number, cmd: number, arg: user_ptr, filp: OpenFile): MaybePromise<number> {
    if (cmd === F_GETFL) return filp.f_flags
    if (filp.f_flags & O_PATH) return -EBADF
    switch (cmd) {
      case F_SETFL:
        return this.setfl(fd, filp, arg.int)
      case F_GETOWN:
        return f_getown(filp)
      case F_SETOWN:
        return this.#f_setown(filp, arg.int)
      case F_GETOWN_EX:
        return f_getown_ex(filp, arg)
      case F_SETOWN_EX:
        return this.#f_setown_ex(filp, arg)
      case F_GETSIG:
        return filp.f_owner.signum
      case F_SETSIG:
        return f_setsig(filp, arg)
      default:
        return -EINVAL
    }
  }

  /** Set the flags of `filp` to `flags`; a driver with fasync() is told of O_ASYNC. */
  setfl(fd: number, filp: OpenFile, flags: number): MaybePromise<errno_t> {
    const { cred } = this.#sched.current
    const isOwner = cred.uid === 0 || cred.uid === filp.f_inode.i_uid
    if (flags & O_NOATIME && !(filp.f_flags & O_NOATIME) && !isOwner) return -EPERM
    if (flags & O_DIRECT) return -EINVAL // no file here has a way around its cache
    const set = (err: errno_t): errno_t => {
      if (err < 0) return err
      filp.f_flags = (flags & SETFL_MASK) | (filp.f_flags & ~SETFL_MASK)
      return 0
    }
    const switched = this.set_fasync(fd, filp, (flags & FASYNC) !== 0)
    return typeof switched === 'number' ? set(switched) : switched.then(set)
  }

  /** Switch O_ASYNC, if that is a change and the driver knows what it means. */
  set_fasync(fd: number, filp: OpenFile, on: boolean): MaybePromise<errno_t> {
    const { f_op } = filp
    if (on === ((filp.f_flags & FASYNC) !== 0) || !f_op.fasync) return 0
    return callDriver(this.#traps, () => f_op.fasync?.(fd, filp, on ? 1 : 0))
  }

  /** Those ioctls that no driver sees; -ENOIOCTLCMD for all others. */
  do_vfs_ioctl(
    fd: number,
    filp: OpenFile,
    cmd: number,
    arg: user_ptr,
  ): MaybePromise<number> {
    const { blockSize = PAGE_SIZE } = filp.f_inode.i_op
    if (cmd === FIGETBSZ) return put_ints(arg, blockSize) ? -EFAULT : 0
    if (cmd !== FIONBIO && cmd !== FIOASYNC) return -ENOIOCTLCMD
    const [on] = get_ints(arg, 1) ?? []
    if (on === undefined) return -EFAULT
    const isOn = on !== 0
    if (cmd === FIOASYNC) return this.#fioasync(fd, filp, isOn)
    filp.f_flags = isOn ? filp.f_flags | O_NONBLOCK : filp.f_flags & ~O_NONBLOCK
    return 0
  }

  #fioasync(fd: number, filp: OpenFile, on: boolean): MaybePromise<errno_t> {
    const isOn = (filp.f_flags & FASYNC) !== 0
    if (on === isOn) return 0
    if (!filp.f_op.fasync) return -ENOTTY
    const switched = this.set_fasync(fd, filp, on)
    return typeof switched === 'number'
      ? Math.min(switched, 0)
      : switched.then(err => Math.min(err, 0))
  }

  /** A negative number is a group of processes. */
  #f_setown(filp: OpenFile, who: number): errno_t {
    if (who === INT_MIN) return -EINVAL
    return who < 0
      ? this.#own(filp, F_OWNER_PGRP, -who)
      : this.#own(filp, F_OWNER_PID, who)
  }

  #f_setown_ex(filp: OpenFile, arg: user_ptr): errno_t {
    const owner = get_ints(arg, 2)
    if (!owner) return -EFAULT
    const [type = 0, pid = 0] = owner
    if (type < F_OWNER_TID || type > F_OWNER_PGRP) return -EINVAL
    return this.#own(filp, type, pid)
  }

  /** 0 is nobody. */
  #own(filp: OpenFile, type: number, pid: number): errno_t {
    const { current } = this.#sched
    const targets = pid === 0 ? () => [] : this.#targets(type, pid)
    if (!targets) return -ESRCH
    const { signum } = filp.f_owner
    filp.f_owner = { type, pid, targets, uid: current.cred.uid, signum }
    return 0
  }

  /** A group need not exist: the number of any process will do. */
  #targets(type: number, pid: number): FileOwner['targets'] | undefined {
    const processes = this.#processes
    const target = processes.find(pid, this.#sched.current)
    if (type !== F_OWNER_PGRP) return target && (() => [target])
    const group = () => processes.group(pid)
    return target || group().length > 0 ? group : undefined
  }
}

function f_getown({ f_owner }: OpenFile): number {
  return f_owner.type === F_OWNER_PGRP ? -f_owner.pid : f_owner.pid
}

function f_getown_ex({ f_owner }: OpenFile, arg: user_ptr): errno_t {
  return put_ints(arg, f_owner.type, f_owner.pid) ? -EFAULT : 0
}

function f_setsig(filp: OpenFile, arg: user_ptr): errno_t {
  if (arg.value > BigInt(_NSIG)) return -EINVAL
  filp.f_owner.signum = arg.int
  return 0
}

/** `count` ints of the program's; undefined if they are not there. */
function get_ints(from: user_ptr, count: number): Int32Array | undefined {
  const ints = new Int32Array(count)
  return copy_from_user(bytesOf(ints), from, 4 * count) ? undefined : ints
}

/** How many bytes could not be copied. */
function put_ints(to: user_ptr, ...ints: number[]): number {
  return copy_to_user(to, bytesOf(new Int32Array(ints)), 4 * ints.length)
}
