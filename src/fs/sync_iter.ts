// Calling a driver's read_iter() and write_iter(), and waiting for the end. Linux: fs/read_write.c.

import { EIOCBQUEUED } from '../include/linux/errno.ts'
import {
  IOCB_APPEND,
  IOCB_DIRECT,
  IOCB_DSYNC,
  IOCB_SYNC,
  type kiocb,
} from '../include/linux/kiocb.ts'
import type { MaybePromise, ref } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import {
  type ITER_DEST,
  type ITER_SOURCE,
  iov_iter,
  iov_iter_ubuf,
} from '../include/linux/uio.ts'
import { O_APPEND, O_DIRECT, O_DSYNC, O_SYNC } from '../include/uapi/fcntl.ts'
import type { Traps } from '../kernel/panic.ts'
import { callDriver } from './driver_call.ts'
import type { OpenFile } from './file.ts'

/** read(2) or write(2) with a driver that has read_iter() or write_iter(): bytes moved, or an error. */
export function move_iter(
  traps: Traps,
  filp: OpenFile,
  direction: typeof ITER_DEST | typeof ITER_SOURCE,
  buf: user_ptr,
  count: number,
  pos: ref<number>,
): MaybePromise<number> {
  const iter = new iov_iter()
  iov_iter_ubuf(iter, direction, buf, count)
  return call_iter(traps, filp, iter, pos)
}

/** What read_iter() or write_iter() answers, as `iter` says; `pos` is where the driver has gone. */
export function call_iter(
  traps: Traps,
  filp: OpenFile,
  iter: iov_iter,
  pos: ref<number>,
): MaybePromise<number> {
  const iocb: kiocb = {
    ki_filp: filp,
    ki_pos: pos ? pos.value : 0,
    ki_flags: iocb_flags(filp.f_flags),
    ki_complete: null,
    private: undefined,
  }
  const n = callDriver(traps, () =>
    iter.data_source
      ? filp.f_op.write_iter?.(iocb, iter)
      : filp.f_op.read_iter?.(iocb, iter),
  )
  const done = (answer: number): number => {
    if (pos) pos.value = iocb.ki_pos
    return answer === -EIOCBQUEUED ? neverAnswered(traps) : answer
  }
  return typeof n === 'number' ? done(n) : n.then(done)
}

/** "Later" is no answer to a call that waits: Linux has a BUG_ON() for it. */
function neverAnswered(traps: Traps): number {
  try {
    return traps.BUG()
  } catch (bug) {
    return traps.die(bug)
  }
}

function iocb_flags(flags: number): number {
  const append = flags & O_APPEND ? IOCB_APPEND : 0
  const direct = flags & O_DIRECT ? IOCB_DIRECT : 0
  const dsync = flags & O_DSYNC ? IOCB_DSYNC : 0
  const sync = (flags & O_SYNC) === O_SYNC ? IOCB_SYNC : 0
  return append | direct | dsync | sync
}
