// Writes kmod's index files; index_file.ts says what they look like.

import { INDEX_MAGIC, INDEX_NODE, INDEX_VERSION } from './index_file.ts'
import type { IndexValue } from './index_file.ts'

const HEADER_SIZE = 12
/** Keys are of this many letters. */
const ALPHABET = 128

/** A key that an index cannot hold. */
export class IndexTextError extends Error {
  override readonly name = 'IndexTextError'
}

interface Node {
  /** What all keys below go on with. */
  prefix: string
  values: IndexValue[]
  children: Map<number, Node>
}

/** A trie in the making. */
export class IndexWriter {
  readonly #root = newNode('')

  /**
   * Add a value; `priority` is from 0 to 2^32 - 1. Of equal ones the last comes first, as in
   * kmod's. Says whether the key had this value already. Throws an IndexTextError if there is
   * anything but ASCII in the key.
   */
  insert(key: string, value: string, priority: number): boolean {
    checkKey(key)
    let node = this.#root
    let at = 0
    for (;;) {
      const common = commonLength(node.prefix, key, at)
      if (common < node.prefix.length) split(node, common)
      at += common
      if (at === key.length) return addValue(node, value, priority)

      const letter = key.charCodeAt(at++)
      const child = node.children.get(letter)
      if (!child) {
        const leaf = newNode(key.slice(at))
        node.children.set(letter, leaf)
        return addValue(leaf, value, priority)
      }
      node = child
    }
  }

  bytes(): Buffer {
    const nodes = new Output(HEADER_SIZE)
    const root = writeNode(this.#root, nodes)
    return Buffer.concat([
      u32(INDEX_MAGIC),
      u32(INDEX_VERSION),
      u32(root),
      ...nodes.parts,
    ])
  }
}

function newNode(prefix: string): Node {
  return { prefix, values: [], children: new Map() }
}

/** Make `node` end after `length` letters of its prefix; what it was is its only child. */
function split(node: Node, length: number): void {
  const child = { ...node, prefix: node.prefix.slice(length + 1) }
  node.children = new Map([[node.prefix.charCodeAt(length), child]])
  node.prefix = node.prefix.slice(0, length)
  node.values = []
}

function addValue(node: Node, value: string, priority: number): boolean {
  const duplicate = node.values.some(other => other.value === value)
  const at = node.values.findIndex(other => other.priority >= priority)
  node.values.splice(at < 0 ? node.values.length : at, 0, { value, priority })
  return duplicate
}

function commonLength(prefix: string, key: string, at: number): number {
  let length = 0
  while (length < prefix.length && prefix[length] === key[at + length]) length++
  return length
}

function checkKey(key: string): void {
  for (const letter of key) {
    if (letter >= String.fromCharCode(ALPHABET)) throw new IndexTextError(key)
  }
}

/** The children in the order of their letters, then the node. Returns how it is referred to. */
function writeNode(node: Node, out: Output): number {
  const letters = [...node.children.keys()]
  const first = Math.min(...letters)
  const last = Math.max(...letters)
  const children: Buffer[] = []
  for (let letter = first; letter <= last; letter++) {
    const child = node.children.get(letter)
    children.push(u32(child ? writeNode(child, out) : 0))
  }

  let place = out.length
  if (node.prefix !== '') {
    place += INDEX_NODE.prefix
    out.put(text(node.prefix))
  }
  if (letters.length > 0) {
    place += INDEX_NODE.childs
    out.put(Buffer.from([first, last]), ...children)
  }
  if (node.values.length > 0) {
    place += INDEX_NODE.values
    out.put(u32(node.values.length))
    for (const { value, priority } of node.values) out.put(u32(priority), text(value))
  }
  return place
}

/** What is written, and how long the file is with it. */
class Output {
  readonly parts: Buffer[] = []
  length: number

  constructor(length: number) {
    this.length = length
  }

  put(...parts: Buffer[]): void {
    this.parts.push(...parts)
    for (const part of parts) this.length += part.length
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function text(letters: string): Buffer {
  return Buffer.from(`${letters}\0`)
}
