// The order in which kmod's hash tables give their entries back: depmod's files are written in it.

/**
 * `keys`, each one once, as a table with `buckets` buckets (a power of two) gives them back: by
 * bucket, and within one in the order of their bytes.
 */
export function hashOrder(keys: Iterable<string>, buckets: number): string[] {
  const entries = [...new Set(keys)].map(key => {
    const bytes = Buffer.from(key)
    return { key, bytes, bucket: superfastHash(bytes) & (buckets - 1) }
  })
  return entries
    .toSorted((a, b) => a.bucket - b.bucket || Buffer.compare(a.bytes, b.bytes))
    .map(({ key }) => key)
}

/**
 * Paul Hsieh's SuperFastHash, 32 bits, with the last three bits of mixing as kmod has them. It
 * takes four bytes at a time as two little-endian numbers.
 */
export function superfastHash(bytes: Buffer): number {
  let hash = bytes.length
  const whole = bytes.length & ~3
  for (let at = 0; at < whole; at += 4) {
    hash = (hash + bytes.readUInt16LE(at)) | 0
    hash = (hash << 16) ^ ((bytes.readUInt16LE(at + 2) << 11) ^ hash)
    hash = (hash + (hash >>> 11)) | 0
  }
  return avalanche(addRest(hash, bytes.subarray(whole)))
}

/** The one to three bytes that are left. */
function addRest(start: number, rest: Buffer): number {
  let hash = start
  switch (rest.length) {
    case 3:
      hash = (hash + rest.readUInt16LE()) | 0
      hash ^= hash << 16
      hash ^= rest.readInt8(2) << 18
      return (hash + (hash >>> 11)) | 0
    case 2:
      hash = (hash + rest.readUInt16LE()) | 0
      hash ^= hash << 11
      return (hash + (hash >>> 17)) | 0
    case 1:
      hash = (hash + rest.readInt8()) | 0
      hash ^= hash << 10
      return (hash + (hash >>> 1)) | 0
    default:
      return hash
  }
}

function avalanche(start: number): number {
  let hash = start
  hash ^= hash << 3
  hash = (hash + (hash >>> 5)) | 0
  hash ^= hash << 4
  hash = (hash + (hash >>> 17)) | 0
  hash ^= hash << 25
  hash = (hash + (hash >>> 6)) | 0
  return hash >>> 0
}
