// Ways to damage a module file: each takes a good image and gives a worse one.

import type { Random } from './random.ts'

/** Changes `image` in place, or gives another in its stead. */
export type Mutation = (image: Buffer, random: Random) => Buffer | void

const EHDR_SIZE = 64
const SHDR_SIZE = 64
const SYM_SIZE = 24

/** Offset and width of the fields of the file header that a loader may believe. */
const HEADER_FIELDS = [
  [4, 1],
  [5, 1],
  [16, 2],
  [18, 2],
  [40, 8],
  [52, 2],
  [58, 2],
  [60, 2],
  [62, 2],
] as const

/** Of a section header: name, type, flags, addr, offset, size, link, info, align, entsize. */
const SECTION_FIELDS = [
  [0, 4],
  [4, 4],
  [8, 8],
  [16, 8],
  [24, 8],
  [32, 8],
  [40, 4],
  [44, 4],
  [48, 8],
  [56, 8],
] as const

/** Values around which readers go wrong. */
const EDGES = [
  0n,
  1n,
  2n,
  3n,
  8n,
  63n,
  64n,
  0x7fn,
  0xffn,
  0x100n,
  0x7fffn,
  0xff00n,
  0xfff1n,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x1fffffffffffffn,
  0x20000000000000n,
  0x7fffffffffffffffn,
  0xffffffffffffffc0n,
  0xffffffffffffffffn,
]

export const MUTATIONS: Record<string, Mutation> = {
  bytes(image, random) {
    for (let n = 1 + random.below(8); n > 0; n--) {
      image[random.below(image.length)] = random.u32()
    }
  },
  bits(image, random) {
    const at = random.below(image.length)
    image[at] = (image[at] ?? 0) ^ (1 << random.below(8))
  },
  truncate: (image, random) => image.subarray(0, random.below(image.length)),
  extend: (image, random) =>
    Buffer.concat([image, Buffer.alloc(random.below(5000), random.u32())]),
  header(image, random) {
    const [at, width] = random.pick(HEADER_FIELDS)
    write(image, at, width, edge(random))
  },
  section(image, random) {
    const [at, width] = random.pick(SECTION_FIELDS)
    write(image, anySection(image, random) + at, width, edge(random))
  },
  overlap(image, random) {
    const [from, to] = [anySection(image, random), anySection(image, random)]
    for (const at of [24, 32]) write(image, to + at, 8, read(image, from + at))
  },
  swap(image, random) {
    const [one, other] = [anySection(image, random), anySection(image, random)]
    const copy = Buffer.from(image.subarray(one, one + SHDR_SIZE))
    image.copyWithin(one, other, other + SHDR_SIZE)
    copy.copy(image, other)
  },
  giant(image, random) {
    const at = anySection(image, random)
    write(image, at + 32, 8, (1n << BigInt(20 + random.below(44))) - 1n)
  },
  strings: (image, random) => damage(image, random, 3, 6),
  symbols(image, random) {
    const table = sections(image).find(({ type }) => type === 2)
    if (!table || table.size < SYM_SIZE) return
    const symbol = table.offset + SYM_SIZE * random.below(table.size / SYM_SIZE)
    const [at, width] = random.pick([
      [0, 4],
      [4, 1],
      [6, 2],
      [8, 8],
      [16, 8],
    ] as const)
    write(image, symbol + at, width, edge(random))
  },
  /** Mostly code and tables. */
  contents: (image, random) => damage(image, random, 1, 12),
  /** One byte of text for another: a script that may still be one. */
  script(image, random) {
    const { offset, size } = largest(image)
    for (let n = 1 + random.below(3); n > 0; n--) {
      image[offset + random.below(size)] = 32 + random.below(95)
    }
  },
}

/** Random bytes into a section of that type. */
function damage(image: Buffer, random: Random, type: number, most: number): void {
  const candidates = sections(image).filter(
    section => section.type === type && section.size > 0,
  )
  if (candidates.length === 0) return
  const { offset, size } = random.pick(candidates)
  for (let n = 1 + random.below(most); n > 0; n--) {
    image[offset + random.below(size)] = random.below(4) === 0 ? 0 : random.u32()
  }
}

interface Section {
  type: number
  offset: number
  size: number
}

/** Those of a good image. */
function sections(image: Buffer): Section[] {
  const start = Number(image.readBigUInt64LE(40))
  return Array.from({ length: image.readUInt16LE(60) }, (_, i) => {
    const at = start + i * SHDR_SIZE
    return {
      type: image.readUInt32LE(at + 4),
      offset: Number(image.readBigUInt64LE(at + 24)),
      size: Number(image.readBigUInt64LE(at + 32)),
    }
  })
}

/** Of those with contents of their own: the script. */
function largest(image: Buffer): Section {
  const all = sections(image).filter(({ type }) => type === 1)
  return all.reduce((best, one) => (one.size > best.size ? one : best))
}

/** Where the header of one of the sections is. */
function anySection(image: Buffer, random: Random): number {
  const start = Number(image.readBigUInt64LE(40))
  return start + SHDR_SIZE * random.below(image.readUInt16LE(60))
}

function edge(random: Random): bigint {
  if (random.below(3) > 0) return random.pick(EDGES)
  return (BigInt(random.u32()) << 32n) | BigInt(random.u32())
}

function read(image: Buffer, at: number): bigint {
  return image.readBigUInt64LE(at)
}

function write(image: Buffer, at: number, width: 1 | 2 | 4 | 8, value: bigint): void {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value))
  bytes.copy(image, at, 0, width)
}

/** One good image made worse, in one way or two. */
export function mutate(
  good: Uint8Array,
  random: Random,
): { image: Buffer; how: string[] } {
  let image: Buffer = Buffer.from(good)
  const how: string[] = []
  for (let n = random.below(4) === 0 ? 2 : 1; n > 0; n--) {
    // The others look for their places in the section headers.
    const damaged = how.length > 0
    const name = damaged
      ? random.pick(['bytes', 'bits', 'truncate'] as const)
      : random.pick(Object.keys(MUTATIONS))
    if (image.length <= EHDR_SIZE) break
    image = MUTATIONS[name]?.(image, random) ?? image
    how.push(name)
  }
  return { image, how }
}
