// Calls into the drivers of /proc's files, which hold no reference on any module: what keeps the code
// there is that removing an entry waits for the calls in progress, and lets in no more.
// Linux: fs/proc/inode.c.

import { EINVAL, EIO, ENOENT, ENOTTY } from '../../include/linux/errno.ts'
import type { file, file_operations, inode } from '../../include/linux/fs.ts'
import type { vm_area_struct } from '../../include/linux/mm_types.ts'
import type { proc_ops } from '../../include/linux/proc_fs.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import type { ModuleCode } from '../../kernel/module/code.ts'
import type { WaitQueues } from '../../kernel/wait.ts'
import { isPromise, runSteps, settled } from '../../lib/steps.ts'
import { no_mmap } from '../libfs.ts'
import { DEFAULT_POLLMASK } from '../select.ts'
import type { ProcEntry } from './entry.ts'

export class ProcCalls {
  readonly #wait: WaitQueues
  readonly #code: ModuleCode

  constructor(wait: WaitQueues, code: ModuleCode) {
    this.#wait = wait
    this.#code = code
  }

  /** What open files of an entry with these operations do, while the entry is there. */
  operations(ops: proc_ops): file_operations {
    const fop: file_operations = {
      open: (inode, filp) => this.#open(ops, inode, filp),
      read: (filp, ...args) =>
        this.#use(filp, -EIO, () => ops.proc_read?.(filp, ...args) ?? -EIO),
      write: (filp, ...args) =>
        this.#use(filp, -EIO, () => ops.proc_write?.(filp, ...args) ?? -EIO),
      poll: (filp, table) =>
        this.#use(
          filp,
          DEFAULT_POLLMASK,
          () => ops.proc_poll?.(filp, table) ?? DEFAULT_POLLMASK,
        ),
      unlocked_ioctl: (filp, ...args) =>
        this.#use(filp, -ENOTTY, () => ops.proc_ioctl?.(filp, ...args) ?? -ENOTTY),
      mmap: ops.proc_mmap ? (filp, vma) => this.#mmap(filp, vma) : no_mmap,
      release: (_inode, filp) => this.#release(filp),
    }
    const { proc_lseek } = ops
    if (proc_lseek) {
      fop.llseek = (filp, ...args) =>
        this.#use(filp, -EINVAL, () => proc_lseek(filp, ...args))
    }
    return fop
  }

  /** Let nobody in any more, wait for who is in, and tell the driver of files still open. */
  proc_entry_rundown(entry: ProcEntry): MaybePromise<void> {
    const idle = () => this.#wait.wait_event(entry.idle, () => entry.in_use === 0)
    entry.gone = true
    const release = (filp: file) => this.#release(filp)
    return runSteps(
      (function* () {
        yield* settled(idle())
        for (const filp of [...entry.openers].toReversed()) yield* settled(release(filp))
        yield* settled(idle())
      })(),
    )
  }

  #mmap(filp: file, vma: vm_area_struct): MaybePromise<errno_t> {
    const { proc_mmap } = entryOf(filp).ops
    return this.#use(filp, -EIO, () => proc_mmap?.(filp, vma) ?? -EIO)
  }

  #open(ops: proc_ops, inode: inode, filp: file): MaybePromise<errno_t> {
    const { openers } = entryOf(filp)
    const opened = (err: errno_t): errno_t => {
      if (err === 0 && ops.proc_release) openers.add(filp)
      return err
    }
    return this.#use(filp, -ENOENT, () => {
      const err = ops.proc_open?.(inode, filp) ?? 0
      return isPromise(err) ? err.then(opened) : opened(err)
    })
  }

  /** Once for each open file: when it is closed, or before that when the entry is removed. */
  #release(filp: file): MaybePromise<errno_t> {
    const entry = entryOf(filp)
    if (!entry.openers.delete(filp)) return 0
    const { proc_release } = entry.ops
    return this.#enter(entry, () => proc_release?.(filp.f_inode, filp) ?? 0)
  }

  #use(filp: file, gone: number, call: () => MaybePromise<number>): MaybePromise<number> {
    const entry = entryOf(filp)
    return entry.gone ? gone : this.#enter(entry, call)
  }

  /** A driver that crashes has left: else nobody could ever remove the entry. */
  #enter(entry: ProcEntry, call: () => MaybePromise<number>): MaybePromise<number> {
    this.#code.check(entry.ops)
    const leave = () => {
      if (--entry.in_use === 0) this.#wait.wake_up_all(entry.idle)
    }
    entry.in_use++
    return runSteps(
      (function* () {
        try {
          return yield* settled(call())
        } finally {
          leave()
        }
      })(),
    )
  }
}

function entryOf(filp: file): ProcEntry {
  return filp.f_inode as ProcEntry
}
