import t from 'tap'
import { IndexError, IndexFile } from '../../src/kmod/index_file.ts'
import { IndexTextError, IndexWriter } from '../../src/kmod/index_writer.ts'
import { bytesOf, hexOf } from '../harness/hex.ts'

type Entry = readonly [key: string, value: string, priority: number]

function index(...entries: Entry[]): Buffer {
  const writer = new IndexWriter()
  for (const [key, value, priority] of entries) writer.insert(key, value, priority)
  return writer.bytes()
}

function values(found: { value: string }[]): string[] {
  return found.map(({ value }) => value)
}

t.test('an index is a trie with a place for each letter', async t => {
  const expected = bytesOf(
    'b007f457 00020001', // magic, version
    '2000002e', // the root is at 46, and has children
    '00000001 00000001 78 00', // at 12 one value: priority 1, x
    '00000001 00000002 79 00', // at 22 one value: priority 2, y
    '62 64 4000000c 00000000 40000016', // at 32, from b to d: values, nothing, values
    '61 61 20000020', // from a to a: at 32, with children
  )
  t.equal(hexOf(index(['ab', 'x', 1], ['ad', 'y', 2])), hexOf(expected))
  t.equal(hexOf(index(['ad', 'y', 2], ['ab', 'x', 1])), hexOf(expected))
  t.equal(hexOf(index()), 'b007f457000200010000000c', 'an empty root')
})

t.test('a key that begins another one splits its node', async t => {
  const file = new IndexFile(index(['once', '1', 0], ['on', '2', 0], ['one', '3', 0]))
  t.same(values(file.search('on')), ['2'])
  t.same(values(file.search('once')), ['1'])
  t.same(values(file.search('one')), ['3'])
  for (const key of ['', 'o', 'onc', 'ones', 'two']) t.same(file.search(key), [], key)
})

t.test('values are sorted by priority; of equal ones the last is first', async t => {
  const file = new IndexFile(
    index(['k', 'c', 7], ['k', 'a', 1], ['k', 'b', 7], ['k', 'crc', 0xffffffff]),
  )
  t.same(values(file.search('k')), ['a', 'b', 'c', 'crc'])
})

t.test('insert() says whether a key has the value already', async t => {
  const writer = new IndexWriter()
  t.equal(writer.insert('k', 'v', 0), false)
  t.equal(writer.insert('k', 'w', 0), false)
  t.equal(writer.insert('k', 'v', 1), true)
})

t.test('keys with wildcards are found by the names that fit them', async t => {
  const file = new IndexFile(
    index(
      ['char_major_10_*', 'misc', 3],
      ['char_major_10_200', 'tun', 5],
      ['char_major_[12]_?', 'mem', 1],
      ['pci:v*d1sv*', 'net', 2],
      ['*', 'any', 9],
    ),
  )
  t.same(values(file.searchWild('char_major_10_200')), ['misc', 'tun', 'any'])
  t.same(values(file.searchWild('char_major_10_201')), ['misc', 'any'])
  t.same(values(file.searchWild('char_major_2_7')), ['mem', 'any'])
  t.same(values(file.searchWild('pci:v12d1sv3')), ['net', 'any'])
  t.same(values(file.searchWild('pci:v12d2sv3')), ['any'])
})

t.test('entries() are all there is, in the order of the alphabet', async t => {
  const entries: Entry[] = [
    ['a', '1', 0],
    ['a', '2', 1],
    ['ab', '3', 0],
    ['b', '', 4],
  ]
  const file = new IndexFile(index(...entries.toReversed()))
  t.same(
    [...file.entries()].map(({ key, value, priority }) => [key, value, priority]),
    entries,
  )
})

t.test('what is no index file, or damaged, is an IndexError', async t => {
  const good = index(['ab', 'x', 1])
  t.throws(() => new IndexFile(good.subarray(0, 11)), IndexError)
  t.throws(() => new IndexFile(bytesOf('b007fa57 00020001 0000000c')), IndexError)
  t.throws(() => new IndexFile(bytesOf('b007f457 00010001 0000000c')), IndexError)
  for (let length = 13; length < good.length; length++) {
    t.throws(() => new IndexFile(good.subarray(0, length)).search('ab'), IndexError)
  }
})

t.test('keys are ASCII, values are any text', async t => {
  t.throws(() => index(['ä', 'x', 1]), IndexTextError)
  t.same(values(new IndexFile(index(['a', 'ö', 1], ['ab', 'x', 1])).search('a')), ['ö'])
  t.same(values(new IndexFile(index(['a', 'ö', 1], ['ab', 'x', 1])).search('ab')), ['x'])
})
