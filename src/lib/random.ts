// Random bytes, from the host. Linux: drivers/char/random.c.

import { createHmac, randomFillSync } from 'node:crypto'

export function get_random_bytes(buf: Uint8Array, nbytes: number): void {
  randomFillSync(buf, 0, nbytes)
}

/** 32 bits of `text` that say nothing about it to who does not have the key. */
export function keyedHash(key: Uint8Array, text: string): number {
  return createHmac('sha256', key).update(text).digest().readUInt32LE(0)
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  get_random_bytes,
}
