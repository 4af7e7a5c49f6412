import t from 'tap'
import {
  ITER_DEST,
  ITER_SOURCE,
  iov_iter,
  iov_iter_ubuf,
  iov_length,
} from '../../src/include/linux/uio.ts'
import { EXPORT_SYMBOL as iter } from '../../src/lib/iov_iter.ts'
import { UserWindow, window_ptr } from '../../src/lib/usercopy.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const text = (memory: Uint8Array) => Buffer.from(memory).toString()

/** Pieces of a program's memory that hold `texts`. */
function pieces(...texts: string[]) {
  const windows = texts.map(one => new UserWindow(bytes(one), 0, one.length))
  const iov = windows.map(window => ({
    iov_base: new window_ptr(window),
    iov_len: window.length,
  }))
  return { iov, read: () => windows.map(window => text(window.bytes)) }
}

function source(...texts: string[]): iov_iter {
  const { iov } = pieces(...texts)
  const i = new iov_iter()
  iter.iov_iter_init(i, ITER_SOURCE, iov, iov.length, iov_length(iov, iov.length))
  return i
}

t.test('copies go over the ends of pieces, and count them down', async t => {
  const { iov, read } = pieces('..', '', '...', '....')
  const i = new iov_iter()
  iter.iov_iter_init(i, ITER_DEST, iov, 4, 9)
  t.equal(iter._copy_to_iter(bytes('abc'), 3, i), 3)
  t.same(read(), ['ab', '', 'c..', '....'])
  t.same([i.count, i.nr_segs, i.iov_offset], [6, 2, 1])
  t.equal(iter.iov_iter_single_seg_count(i), 2)
  t.equal(
    iter._copy_to_iter(bytes('defghijk'), 8, i),
    6,
    'no more than there is room for',
  )
  t.same(read(), ['ab', '', 'cde', 'fghi'])
  t.same([i.count, i.nr_segs], [0, 0])
})

t.test('what is copied from pieces can be taken back', async t => {
  const i = source('ab', 'cde')
  const to = new Uint8Array(4)
  t.equal(iter._copy_from_iter(to, 4, i), 4)
  t.equal(text(to), 'abcd')
  iter.iov_iter_revert(i, 3)
  t.same([i.count, i.nr_segs, i.iov_offset], [4, 2, 1])
  t.equal(iter._copy_from_iter(to, 9, i), 4, 'as much as fits')
  t.equal(text(to), 'bcde')
})

t.test('a piece that is shorter in the program than it says ends the copy', async t => {
  const { iov } = pieces('ab', 'cd')
  const first = iov[0]
  if (first) first.iov_len = 3
  const i = new iov_iter()
  iter.iov_iter_init(i, ITER_SOURCE, iov, 2, 5)
  const to = new Uint8Array(5)
  t.equal(iter._copy_from_iter(to, 5, i), 2)
  t.equal(i.count, 3)
})

t.test('advance() and zero()', async t => {
  const { iov, read } = pieces('abc', 'def')
  const i = new iov_iter()
  iter.iov_iter_init(i, ITER_DEST, iov, 2, 6)
  t.equal(iter._copy_to_iter(bytes('ab'), 2, i), 2)
  t.equal(iter.iov_iter_zero(2, i), 2)
  t.same(read(), ['ab\0', '\0ef'])
  iter.iov_iter_advance(i, 100)
  t.same([i.count, i.nr_segs], [0, 0])
})

t.test('one stretch has no pieces', async t => {
  const i = new iov_iter()
  const window = new UserWindow(bytes('abcd'), 0, 4)
  iov_iter_ubuf(i, ITER_SOURCE, new window_ptr(window), 4)
  const to = new Uint8Array(3)
  t.equal(iter._copy_from_iter(to, 3, i), 3)
  t.same([text(to), i.count, i.nr_segs, i.iov_offset], ['abc', 1, 0, 3])
  t.equal(iter.iov_iter_single_seg_count(i), 1)
  iter.iov_iter_revert(i, 3)
  t.same([i.count, i.iov_offset], [4, 0])
})

t.test("the kernel's own memory", async t => {
  const memory = [bytes('....'), bytes('..')]
  const i = new iov_iter()
  const kvec = memory.map(iov_base => ({ iov_base, iov_len: iov_base.length }))
  iter.iov_iter_kvec(i, ITER_DEST, kvec, 2, 6)
  t.equal(iter._copy_to_iter(bytes('abcde'), 5, i), 5)
  t.equal(iter.iov_iter_zero(5, i), 1)
  t.same(memory.map(text), ['abcd', 'e\0'])
  iter.iov_iter_kvec(i, ITER_SOURCE, kvec, 2, 6)
  const to = new Uint8Array(5)
  t.equal(iter._copy_from_iter(to, 5, i), 5)
  t.equal(text(to), 'abcde')
})
