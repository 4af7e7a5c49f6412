// Reads kmod's index files (modules.dep.bin and its kin): keys to values, found letter by letter.
//
// The file is a trie in big-endian numbers: magic, version, where the root is. A node is there as
//   text with its NUL    what all keys below it go on with        (flag PREFIX)
//   u8 first, u8 last, u32 child[last - first + 1]                (flag CHILDS)
//   u32 count, then count times { u32 priority; text }            (flag VALUES)
// and the number that says where a node is has these flags in its highest bits.

import { fnmatch } from './fnmatch.ts'

export const INDEX_MAGIC = 0xb007f457
/** 2.1; another minor number can be read as well. */
export const INDEX_VERSION = 0x00020001
export const INDEX_NODE = {
  prefix: 0x80000000,
  values: 0x40000000,
  childs: 0x20000000,
  mask: 0x0fffffff,
} as const

const HEADER_SIZE = 12
const WILDCARDS = ['*', '?', '[']

/** Not an index file, or a damaged one. */
export class IndexError extends Error {
  override readonly name = 'IndexError'
}

/** One value of a key; of several the lowest `priority` comes first. */
export interface IndexValue {
  readonly value: string
  readonly priority: number
}

interface Node {
  prefix: string
  values: IndexValue[]
  /** The node behind this letter. */
  child: (letter: string) => Node | undefined
  letters: string[]
}

/** An index file's contents, which are only read where a search leads. */
export class IndexFile {
  readonly #bytes: Buffer
  readonly #root: Node | undefined

  /** Throws an IndexError. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (bytes.length < HEADER_SIZE || this.#bytes.readUInt32BE(0) !== INDEX_MAGIC) {
      throw new IndexError('Cannot read index: magic number is wrong')
    }
    const version = this.#bytes.readUInt32BE(4)
    if (version >>> 16 !== INDEX_VERSION >>> 16) {
      throw new IndexError(`Cannot read index: its version is ${version >>> 16}`)
    }
    this.#root = this.#node(this.#bytes.readUInt32BE(8))
  }

  /** The values of exactly this key, none if it is not there. The first is what counts. */
  search(key: string): IndexValue[] {
    let node = this.#root
    let at = 0
    while (node) {
      if (!key.startsWith(node.prefix, at)) return []
      at += node.prefix.length
      if (at === key.length) return node.values
      node = node.child(key[at++] ?? '')
    }
    return []
  }

  /**
   * The values of all keys that fit `name`; here it is the keys that have wildcards. Sorted by
   * priority; of equal ones, what was found last comes first.
   */
  searchWild(name: string): IndexValue[] {
    const found: IndexValue[] = []
    let node = this.#root
    let at = 0
    while (node) {
      const wild = indexOfWildcard(node.prefix)
      const plain = wild < 0 ? node.prefix : node.prefix.slice(0, wild)
      if (!name.startsWith(plain, at)) return found
      at += plain.length
      if (wild >= 0) {
        collect({ ...node, prefix: node.prefix.slice(wild) }, '', name.slice(at), found)
        return found
      }
      for (const letter of WILDCARDS) {
        const child = node.child(letter)
        if (child) collect(child, letter, name.slice(at), found)
      }
      if (at === name.length) {
        addValues(node.values, found)
        return found
      }
      node = node.child(name[at++] ?? '')
    }
    return found
  }

  /** Every key with each of its values, in the order of the alphabet. */
  *entries(): Generator<IndexValue & { readonly key: string }> {
    if (this.#root) yield* walk(this.#root, '')
  }

  #node(where: number): Node | undefined {
    const offset = where & INDEX_NODE.mask
    if (offset === 0) return undefined
    const cursor = new Cursor(this.#bytes, offset)
    const prefix = where & INDEX_NODE.prefix ? cursor.text() : ''
    const childs = where & INDEX_NODE.childs ? this.#children(cursor) : new Map()
    const values = where & INDEX_NODE.values ? readValues(cursor) : []
    return {
      prefix,
      values,
      letters: [...childs.keys()],
      child: letter => this.#node(childs.get(letter) ?? 0),
    }
  }

  /** Where the node behind each letter is. */
  #children(cursor: Cursor): Map<string, number> {
    const first = cursor.u8()
    const last = cursor.u8()
    const places = new Map<string, number>()
    for (let code = first; code <= last; code++) {
      const where = cursor.u32()
      if (where !== 0) places.set(String.fromCharCode(code), where)
    }
    return places
  }
}

/** All values below `node` whose keys, of which `start` is known, fit `name`. */
function collect(node: Node, start: string, name: string, found: IndexValue[]): void {
  const key = start + node.prefix
  for (const letter of node.letters) {
    const child = node.child(letter)
    if (child) collect(child, key + letter, name, found)
  }
  if (node.values.length > 0 && fnmatch(key, name)) addValues(node.values, found)
}

function addValues(values: readonly IndexValue[], found: IndexValue[]): void {
  for (const value of values) {
    const at = found.findIndex(({ priority }) => priority >= value.priority)
    found.splice(at < 0 ? found.length : at, 0, value)
  }
}

function* walk(node: Node, start: string): Generator<IndexValue & { key: string }> {
  const key = start + node.prefix
  for (const value of node.values) yield { key, ...value }
  for (const letter of node.letters) {
    const child = node.child(letter)
    if (child) yield* walk(child, key + letter)
  }
}

function readValues(cursor: Cursor): IndexValue[] {
  const values: IndexValue[] = []
  for (let left = cursor.u32(); left > 0; left--) {
    const priority = cursor.u32()
    values.push({ priority, value: cursor.text() })
  }
  return values
}

function indexOfWildcard(text: string): number {
  return text.search(/[*?[]/)
}

/** Big-endian numbers and texts one after the other. Outside of the file is an IndexError. */
class Cursor {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1))
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  text(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    const start = this.#take(end < 0 ? Infinity : end + 1 - this.#at)
    return this.#bytes.toString('utf8', start, end)
  }

  #take(count: number): number {
    const start = this.#at
    if (start + count > this.#bytes.length) {
      throw new IndexError(`Cannot read index: it ends at byte ${this.#bytes.length}`)
    }
    this.#at += count
    return start
  }
}
