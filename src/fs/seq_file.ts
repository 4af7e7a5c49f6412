// Files that are read record by record: a driver says where to start, what is next, and shows one
// record; how much a program reads at once is none of its business. Linux: fs/seq_file.c.

import { EINVAL } from '../include/linux/errno.ts'
import { FMODE_PWRITE, SEEK_CUR, SEEK_SET } from '../include/linux/fs.ts'
import type { file, inode } from '../include/linux/fs.ts'
import { KERN_INFO } from '../include/linux/printk.ts'
import { ratelimit_state } from '../include/linux/ratelimit.ts'
import { SEQ_START_TOKEN } from '../include/linux/seq_file.ts'
import type { seq_file, seq_operations } from '../include/linux/seq_file.ts'
import type { errno_t, MaybePromise, ref } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import type { Mutexes } from '../kernel/locking/mutex.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Printk } from '../kernel/printk.ts'
import { hexDumpRows } from '../lib/hexdump.ts'
import { runSteps, settled, type Steps } from '../lib/steps.ts'
import { type PrintfContext, vsnprintf } from '../lib/vsprintf.ts'
import { SeqReader } from './seq_reader.ts'
import { seq_puts } from './seq_text.ts'

interface Needs {
  log: Printk
  traps: Traps
  mutexes: Mutexes
  formats: PrintfContext
}

export class SeqFiles {
  static readonly EXPORT_SYMBOL = [
    'seq_open',
    'seq_open_private',
    '__seq_open_private',
    'seq_read',
    'seq_lseek',
    'seq_release',
    'seq_release_private',
    'single_open',
    'single_open_size',
    'single_release',
    'seq_printf',
    'seq_vprintf',
    'seq_hex_dump',
  ] as const

  readonly #needs: Needs
  /** For what is said of bad operations. */
  readonly #limit = new ratelimit_state()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  seq_open<T, P>(filp: file, op: seq_operations<T, P>): errno_t {
    this.#open(filp, op)
    return 0
  }

  seq_open_private<T, P>(filp: file, op: seq_operations<T, P>, make: () => P): errno_t {
    this.__seq_open_private(filp, op, make)
    return 0
  }

  __seq_open_private<T, P>(filp: file, op: seq_operations<T, P>, make: () => P): P {
    const made = make()
    this.#open(filp, op).private = made
    return made
  }

  seq_read(
    filp: file,
    buf: user_ptr,
    count: number,
    ppos: ref<number>,
  ): MaybePromise<number> {
    const m = reader(filp)
    return this.#locked(m, () => m.read(buf, count, ppos))
  }

  seq_lseek(filp: file, offset: number, whence: number): MaybePromise<number> {
    const m = reader(filp)
    return this.#locked(m, function* () {
      if (whence !== SEEK_SET && whence !== SEEK_CUR) return -EINVAL
      const to = whence === SEEK_CUR ? filp.f_pos + offset : offset
      if (to < 0) return -EINVAL
      const err = to === m.read_pos ? 0 : yield* m.seek(to)
      filp.f_pos = err ? 0 : to
      return err || to
    })
  }

  seq_release(_inode: inode, filp: file): errno_t {
    reader(filp).buf = null
    return 0
  }

  seq_release_private(inode: inode, filp: file): errno_t {
    reader(filp).private = null
    return this.seq_release(inode, filp)
  }

  single_open<P>(
    filp: file,
    show: (m: seq_file<P>, v: unknown) => MaybePromise<errno_t>,
    data: P,
  ): errno_t {
    this.#open(filp, single(show)).private = data
    return 0
  }

  single_open_size<P>(
    filp: file,
    show: (m: seq_file<P>, v: unknown) => MaybePromise<errno_t>,
    data: P,
    size: number,
  ): errno_t {
    this.#open(filp, single(show), size).private = data
    return 0
  }

  single_release(inode: inode, filp: file): errno_t {
    return this.seq_release(inode, filp)
  }

  seq_printf(m: seq_file, fmt: string, ...args: unknown[]): void {
    this.seq_vprintf(m, fmt, args)
  }

  seq_vprintf(m: seq_file, fmt: string, args: readonly unknown[]): void {
    seq_puts(m, vsnprintf(fmt, args, this.#needs.formats))
  }

  seq_hex_dump(m: seq_file, ...dump: Parameters<typeof hexDumpRows>): void {
    for (const [fmt, ...args] of hexDumpRows(...dump)) this.seq_printf(m, fmt, ...args)
  }

  #open(filp: file, op: seq_operations, size?: number): SeqReader {
    this.#needs.traps.WARN_ON(Boolean(filp.private_data))
    const m = new SeqReader(filp, op, bad => this.#buggy(bad), size)
    filp.private_data = m
    filp.f_mode &= ~FMODE_PWRITE
    return m
  }

  /** One walk at a time through an open file. */
  #locked(m: SeqReader, walk: () => Steps<number>): MaybePromise<number> {
    const { mutexes } = this.#needs
    return runSteps(
      (function* () {
        yield* settled(mutexes.mutex_lock(m.lock))
        try {
          return yield* walk()
        } finally {
          mutexes.mutex_unlock(m.lock)
        }
      })(),
    )
  }

  #buggy({ next }: { next: unknown }): void {
    const { log } = this.#needs
    if (!log.ratelimits.___ratelimit(this.#limit, 'seq_read_iter')) return
    log.printk(
      `${KERN_INFO}seq_file: buggy .next function %ps did not update position index\n`,
      next,
    )
  }
}

function reader(filp: file): SeqReader {
  return filp.private_data as SeqReader
}

/** The operations of a file of one record. */
function single<P>(
  show: (m: seq_file<P>, v: unknown) => MaybePromise<errno_t>,
): seq_operations<unknown, P> {
  return {
    start: (_m, pos) => (pos.value === 0 ? SEQ_START_TOKEN : null),
    next(_m, _v, pos) {
      pos.value++
      return null
    },
    stop() {},
    show,
  }
}
