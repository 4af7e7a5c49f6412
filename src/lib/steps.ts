// Work that sleeps only where it has to. It is written once, as a generator that yields what it waits
// for; where nothing has to be waited for, the answer is there at once.

import type { MaybePromise } from '../include/linux/types.ts'

/** Steps that yield each promise they need and are resumed with what it gave. */
export type Steps<R> = Generator<PromiseLike<unknown>, R, unknown>

/** Is it a promise, of whichever context? What drivers return is of their own. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/** Wait for `value` only if it is a promise: `const x = yield* settled(f())`. */
export function* settled<T>(value: MaybePromise<T>): Steps<T> {
  return isPromise(value) ? ((yield value) as T) : value
}

/** The result: at once if no step had to wait. A promise that fails throws where it was yielded. */
export function runSteps<R>(steps: Steps<R>): MaybePromise<R> {
  const { done, value } = steps.next()
  return done ? value : resume(steps, value)
}

async function resume<R>(steps: Steps<R>, first: PromiseLike<unknown>): Promise<R> {
  let promise = first
  for (;;) {
    const next = await promise.then(
      value => steps.next(value),
      (reason: unknown) => steps.throw(reason),
    )
    if (next.done) return next.value
    promise = next.value
  }
}
