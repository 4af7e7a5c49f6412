// Hashes of numbers. Linux: include/linux/hash.h.

const GOLDEN_RATIO_32 = 0x61c88647
const GOLDEN_RATIO_64 = 0x61c8864680b583ebn

/** The upper `bits` of a hash of 32 bits. */
export const hash_32 = (val: number, bits: number): number =>
  bits === 0 ? 0 : Math.imul(val, GOLDEN_RATIO_32) >>> (32 - bits)

/** The upper `bits` of a hash of 64 bits. */
export const hash_64 = (val: number | bigint, bits: number): number =>
  Number(BigInt.asUintN(64, BigInt(val) * GOLDEN_RATIO_64) >> BigInt(64 - bits))

export const hash_long = hash_64
