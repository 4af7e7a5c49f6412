// The order in which ld leaves the global symbols of a file: that of its hash table. Programs that
// go through a symbol table show it: insmod's "Unknown symbol" lines, depmod, /proc/kallsyms.

/** How many buckets GNU ld's table has, unless a link has more symbols than most of a kernel. */
const BUCKETS = 4051n

/** `items` by the bucket of their names; those of one bucket stay as they are. */
export function ldOrder<T extends { name: string }>(items: readonly T[]): T[] {
  return items
    .map(item => ({ item, bucket: Number(bfdHash(item.name) % BUCKETS) }))
    .toSorted((a, b) => a.bucket - b.bucket)
    .map(({ item }) => item)
}

/** In 64 bits: each byte counts twice, and is then spread over the lower ones. */
function bfdHash(name: string): bigint {
  const bytes = Buffer.from(name)
  let hash = 0n
  for (const value of [...bytes, bytes.length]) {
    const n = BigInt(value)
    hash = BigInt.asUintN(64, hash + n + (n << 17n))
    hash ^= hash >> 2n
  }
  return hash
}
