// The edge between the kernel and a driver: what comes back is a number, whatever happens there.

import type { MaybePromise } from '../include/linux/types.ts'
import type { Traps } from '../kernel/panic.ts'
import { isPromise } from '../lib/is_promise.ts'

/**
 * Wait for a driver that did not answer at once. An exception is an oops. No async function, since each
 * caller that sleeps has what this makes: the less that is, the less there is to collect.
 */
export function finish(
  traps: Traps,
  answer: unknown,
  onOops?: () => void,
): Promise<number> {
  const asleep = isPromise(answer) ? answer : Promise.resolve(answer)
  if (!onOops) return asleep.then(traps.checkReply, traps.die)
  return asleep.then(traps.checkReply, (exception: unknown) => {
    onOops()
    return traps.die(exception)
  })
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
