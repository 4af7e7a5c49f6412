// Who answers with a promise answers later. A module's promises are of a Promise of its own, so
// instanceof does not tell.

import { types } from 'node:util'
import type { MaybePromise } from '../include/linux/types.ts'

/** Is it one, of whatever realm? */
export function isPromise<T>(answer: MaybePromise<T>): answer is Promise<T> {
  return typeof answer === 'object' && types.isPromise(answer)
}
