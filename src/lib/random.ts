// Random bytes, from the host. Linux: drivers/char/random.c.

import { randomFillSync } from 'node:crypto'

export function get_random_bytes(buf: Uint8Array, nbytes: number): void {
  randomFillSync(buf, 0, nbytes)
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  get_random_bytes,
}
