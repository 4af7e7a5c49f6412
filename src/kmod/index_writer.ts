// Writes kmod's index files; index_file.ts says what they look like.

import { INDEX_MAGIC, INDEX_NODE, INDEX_VERSION } from './index_file.ts'
import type { IndexValue } from './index_file.ts'

const HEADER_SIZE = 12
/** Keys and values are of this many letters. */
const ALPHABET = 128

/** A key or value that an index cannot hold. */
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
   * anything but ASCII.
   */
  insert(key: string, value: string, priority: number): boolean {
    checkText(key)
    checkText(value)
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
    const parts: Buffer[] = [u32(INDEX_MAGIC), u32(INDEX_VERSION)]
    parts.push(u32(place(this.#root, HEADER_SIZE)))
    write(this.#root, HEADER_SIZE, parts, new Map())
    return Buffer.concat(parts)
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

function checkText(text: string): void {
  for (const letter of text) {
    if (letter >= String.fromCharCode(ALPHABET)) throw new IndexTextError(text)
  }
}

/** How a node is referred to that begins at `offset`. */
function place(node: Node, offset: number): number {
  const flags =
    (node.children.size > 0 ? INDEX_NODE.childs : 0) +
    (node.prefix === '' ? 0 : INDEX_NODE.prefix) +
    (node.values.length > 0 ? INDEX_NODE.values : 0)
  return flags + offset
}

/** First and last letter behind which there is a node. */
function range(node: Node): [first: number, last: number] {
  const letters = [...node.children.keys()]
  return [Math.min(...letters), Math.max(...letters)]
}

/** Bytes of the node itself. */
function ownSize(node: Node): number {
  const [first, last] = range(node)
  const prefix = node.prefix === '' ? 0 : node.prefix.length + 1
  const children = node.children.size > 0 ? 2 + 4 * (last - first + 1) : 0
  const values = node.values.reduce((sum, { value }) => sum + 4 + value.length + 1, 0)
  return prefix + children + (node.values.length > 0 ? 4 + values : 0)
}

/** Bytes of the node with all below it, each counted once. */
function fullSize(node: Node, known: Map<Node, number>): number {
  const before = known.get(node)
  if (before !== undefined) return before
  let size = ownSize(node)
  for (const child of node.children.values()) size += fullSize(child, known)
  known.set(node, size)
  return size
}

/** The node, then its children in the order of their letters. */
function write(
  node: Node,
  offset: number,
  parts: Buffer[],
  sizes: Map<Node, number>,
): void {
  if (node.prefix !== '') parts.push(text(node.prefix))
  const children: { child: Node; at: number }[] = []
  if (node.children.size > 0) {
    const [first, last] = range(node)
    parts.push(Buffer.from([first, last]))
    let at = offset + ownSize(node)
    for (let letter = first; letter <= last; letter++) {
      const child = node.children.get(letter)
      parts.push(u32(child ? place(child, at) : 0))
      if (!child) continue
      children.push({ child, at })
      at += fullSize(child, sizes)
    }
  }
  if (node.values.length > 0) parts.push(u32(node.values.length))
  for (const { value, priority } of node.values) parts.push(u32(priority), text(value))
  for (const { child, at } of children) write(child, at, parts, sizes)
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function text(letters: string): Buffer {
  return Buffer.from(`${letters}\0`, 'latin1')
}
