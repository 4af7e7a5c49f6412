// The walk through a seq_file's records that read(2) and lseek(2) need. Linux: fs/seq_file.c, seq_read_iter()
// and traverse().
//
// Each walk begins with start() at the position reached before, and ends with stop(): between two
// read(2)s the driver holds no lock and the records may change.

import { EFAULT } from '../include/linux/errno.ts'
import { IS_ERR } from '../include/linux/err.ts'
import type { file } from '../include/linux/fs.ts'
import { mutex } from '../include/linux/mutex.ts'
import type { seq_file, seq_operations } from '../include/linux/seq_file.ts'
import type { errno_t, MaybePromise, ref } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { isPromise, settled, type Steps } from '../lib/steps.ts'
import { copy_to_user } from '../lib/usercopy.ts'

const PAGE_SIZE = 4096

/** A record, or what start() and next() return in place of one. */
type Found = unknown

export class SeqReader implements seq_file {
  readonly file: file
  readonly lock = new mutex()
  readonly op: seq_operations
  private: unknown = null
  buf: Uint8Array | null = null
  size: number
  count = 0
  pad_until = 0
  /** Where in `buf` the first byte is that nobody has read. */
  #from = 0
  /** The next record's position. */
  readonly #index: ref<number> = { value: 0 }
  /** The offset in the file that the records have been gone through to. */
  read_pos = 0
  /** Said of a next() that leaves the position alone. */
  readonly #buggy: (op: seq_operations) => void

  constructor(
    filp: file,
    op: seq_operations,
    buggy: (op: seq_operations) => void,
    size = PAGE_SIZE,
  ) {
    this.file = filp
    this.op = op
    this.size = size
    this.#buggy = buggy
  }

  /** read(2) of at most `count` bytes at `pos`: bytes, or an error. */
  *read(buf: user_ptr, count: number, pos: ref<number>): Steps<number> {
    if (count === 0) return 0
    if (pos.value === 0) this.#rewind()
    const err = pos.value === this.read_pos ? 0 : yield* this.seek(pos.value)
    if (err) return err
    this.buf ??= new Uint8Array(this.size)

    let copied = this.#give(buf, count)
    let failed = 0
    if (this.count === 0) {
      failed = yield* this.#fill(count - copied)
      copied += this.#give(buf.plus(copied), count - copied)
    }
    if (copied === 0) return this.count > 0 ? -EFAULT : failed
    pos.value += copied
    this.read_pos += copied
    return copied
  }

  /** Go through the records from the first on, up to `offset`: 0, or an error. */
  *seek(offset: number): Steps<errno_t> {
    let err: errno_t | 'overflow'
    do {
      this.#rewind()
      err = offset === 0 ? 0 : yield* this.#traverse(offset)
    } while (err === 'overflow')
    if (err) this.#rewind()
    this.read_pos = err ? 0 : offset
    return err
  }

  #rewind(): void {
    this.#index.value = 0
    this.#from = 0
    this.count = 0
  }

  /** Copy what is in the buffer to the program; the bytes copied. */
  #give(buf: user_ptr, count: number): number {
    const n = Math.min(this.count, count)
    if (n === 0 || !this.buf) return 0
    const copied = n - copy_to_user(buf, this.buf.subarray(this.#from, this.#from + n), n)
    this.count -= copied
    this.#from += copied
    return copied
  }

  *#traverse(offset: number): Steps<errno_t | 'overflow'> {
    this.buf ??= new Uint8Array(this.size)
    let passed = 0
    let err = 0
    let v: Found = yield* this.#start()
    while (isRecord(v)) {
      err = yield* settled(this.op.show(this, v))
      if (err < 0) break
      if (err > 0) this.count = 0
      err = 0
      if (this.#overflowed) return yield* this.#grow(v)
      v = yield* settled<Found>(this.op.next(this, v, this.#index))
      if (passed + this.count > offset) {
        this.#from = offset - passed
        this.count -= this.#from
        break
      }
      passed += this.count
      this.count = 0
      if (passed === offset) break
    }
    yield* this.#stop(v)
    return err || errorOf(v)
  }

  /** Records until `wanted` bytes are there or no more fit: 0, or why there are none. */
  *#fill(wanted: number): Steps<errno_t> {
    this.#from = 0
    let err: errno_t = 0
    let v: Found = yield* this.#start()
    while (isRecord(v)) {
      err = yield* settled(this.op.show(this, v))
      if (err < 0) break
      if (err > 0) this.count = 0
      if (this.count === 0) {
        v = yield* settled<Found>(this.op.next(this, v, this.#index))
      } else if (this.#overflowed) {
        yield* this.#grow(v)
        v = yield* this.#start()
      } else return yield* this.#more(v, wanted)
    }
    yield* this.#stop(v)
    this.count = 0
    return err < 0 ? err : errorOf(v)
  }

  /** `shown` is in the buffer; what may go there, too. An error is left for the next read(2). */
  *#more(shown: Found, wanted: number): Steps<errno_t> {
    let v = shown
    for (;;) {
      const complete = this.count
      // Written out, because this is where long files spend their time.
      const next = this.#next(v)
      v = isPromise(next) ? yield next : next
      if (!isRecord(v) || complete >= wanted) break
      const show = this.op.show(this, v)
      const err = isPromise(show) ? ((yield show) as errno_t) : show
      const fits = err === 0 && !this.#overflowed
      if (!fits) this.count = complete
      if (!fits && err <= 0) break
    }
    yield* this.#stop(v)
    return 0
  }

  #start(): Steps<Found> {
    return settled<Found>(this.op.start(this, this.#index))
  }

  #next(v: Found): MaybePromise<Found> {
    const before = this.#index.value
    const next: MaybePromise<Found> = this.op.next(this, v, this.#index)
    const checked = (found: Found): Found => {
      if (this.#index.value === before) {
        this.#buggy(this.op)
        this.#index.value++
      }
      return found
    }
    return isPromise(next) ? next.then(checked) : checked(next)
  }

  #stop(v: Found): Steps<void> {
    return settled(this.op.stop(this, v))
  }

  get #overflowed(): boolean {
    return this.count === this.size
  }

  /** `v` did not fit: end this walk; there is more room for the next. */
  *#grow(v: Found): Steps<'overflow'> {
    yield* this.#stop(v)
    this.count = 0
    this.size *= 2
    this.buf = new Uint8Array(this.size)
    return 'overflow'
  }
}

function isRecord(v: Found): boolean {
  return v !== null && v !== undefined && !IS_ERR(v)
}

function errorOf(v: Found): errno_t {
  return IS_ERR(v) ? v : 0
}
