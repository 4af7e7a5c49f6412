// Waiting for a bit to be cleared, or for a variable, without a queue of one's own.
// Linux: kernel/sched/wait_bit.c.

import { EAGAIN, EINTR } from '../include/linux/errno.ts'
import { test_and_set_bit, test_bit, type bits } from '../include/linux/bitops.ts'
import { TASK_NORMAL } from '../include/linux/sched.ts'
import type { errno_t } from '../include/linux/types.ts'
import { WQ_FLAG_EXCLUSIVE, wait_queue_head } from '../include/linux/wait_queue.ts'
import type { WaitQueues } from './wait.ts'

export class WaitBits {
  static readonly EXPORT_SYMBOL = [
    'out_of_line_wait_on_bit',
    'out_of_line_wait_on_bit_lock',
    'wake_up_bit',
    'wake_up_var',
    '__var_waitqueue',
  ] as const
  static readonly EXPORT_SYMBOL_GPL = ['out_of_line_wait_on_bit_timeout'] as const

  readonly #wait: WaitQueues
  readonly #queues = new WeakMap<object, wait_queue_head>()

  constructor(wait: WaitQueues) {
    this.#wait = wait
  }

  /** Sleep in state `mode` while the bit is set: 0, or -EINTR if a signal ends it. */
  async out_of_line_wait_on_bit(word: bits, bit: number, mode: number): Promise<errno_t> {
    const wq = this.__var_waitqueue(word)
    const isClear = () => !test_bit(bit, word)
    return (await this.#wait.wait_event_state(wq, isClear, mode)) && -EINTR
  }

  /** As above, and sets it. */
  async out_of_line_wait_on_bit_lock(
    word: bits,
    bit: number,
    mode: number,
  ): Promise<errno_t> {
    const wq = this.__var_waitqueue(word)
    const take = () => !test_and_set_bit(bit, word)
    const waited = this.#wait.wait_event_state(wq, take, mode, WQ_FLAG_EXCLUSIVE)
    return (await waited) && -EINTR
  }

  /** As out_of_line_wait_on_bit(), for `timeout` ticks at most: -EAGAIN if it is set still. */
  async out_of_line_wait_on_bit_timeout(
    word: bits,
    bit: number,
    mode: number,
    timeout: number,
  ): Promise<errno_t> {
    const wq = this.__var_waitqueue(word)
    const isClear = () => !test_bit(bit, word)
    const left = await this.#wait.wait_event_state_timeout(wq, isClear, timeout, mode)
    if (left < 0) return -EINTR
    return left ? 0 : -EAGAIN
  }

  /** The bits of a variable share a queue, so all who wait for it look at theirs. */
  wake_up_bit(word: bits, _bit: number): void {
    this.wake_up_var(word)
  }

  wake_up_var(variable: object): void {
    const wq = this.#queues.get(variable)
    if (wq) this.#wait.__wake_up(wq, TASK_NORMAL, 0, null)
  }

  __var_waitqueue(variable: object): wait_queue_head {
    let wq = this.#queues.get(variable)
    if (!wq) this.#queues.set(variable, (wq = new wait_queue_head()))
    return wq
  }
}
