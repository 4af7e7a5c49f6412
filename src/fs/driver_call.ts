// The edge between the kernel and a driver: what comes back is a number, whatever happens there.

import type { MaybePromise } from '../include/linux/types.ts'
import type { Traps } from '../kernel/panic.ts'

/** Wait for a driver that did not answer at once. An exception is an oops. */
export async function finish(traps: Traps, answer: unknown): Promise<number> {
  try {
    const value: unknown = await answer
    return Number.isInteger(value) ? (value as number) : traps.badReply(value)
  } catch (exception) {
    return traps.die(exception)
  }
}

/**
 * Call a driver. read_write.ts has this written out, because a closure a call would be
 * the most expensive part of a short read(2).
 */
export function callDriver(traps: Traps, call: () => unknown): MaybePromise<number> {
  try {
    const answer = call()
    return typeof answer === 'number' ? answer : finish(traps, answer)
  } catch (exception) {
    return traps.die(exception)
  }
}
