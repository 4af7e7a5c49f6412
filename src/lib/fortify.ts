// Copies that would go past the end of an array. Linux: fortify_panic() in lib/string_helpers.c.

import { Bug } from './bug.ts'

function fortify_panic(name: string): never {
  throw new Bug('lib/string_helpers.c:1027', `detected buffer overflow in ${name}`)
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = { fortify_panic }
