// The edge between the kernel and a driver: what comes back is a number, whatever happens there.

import type { MaybePromise } from '../include/linux/types.ts'
import type { Traps } from '../kernel/panic.ts'

/** Wait for a driver that did not answer at once. An exception is an oops. */
export async function finish(
  traps: Traps,
  answer: unknown,
  onOops?: () => void,
): Promise<number> {
  try {
    const value: unknown = await answer
    return Number.isInteger(value) ? (value as number) : traps.badReply(value)
  } catch (exception) {
    onOops?.()
    return traps.die(exception)
  }
}

/**
 * Call a driver; `onOops` is told if it crashes. read_write.ts has this written out, because a
 * closure a call would be the most expensive part of a short read(2).
 */
export function callDriver(
  traps: Traps,
  call: () => unknown,
  onOops?: () => void,
): MaybePromise<number> {
  try {
    const answer = call()
    return Number.isInteger(answer) ? (answer as number) : finish(traps, answer, onOops)
  } catch (exception) {
    onOops?.()
    return traps.die(exception)
  }
}
