import t from 'tap'
import {
  GFP_KERNEL,
  kcalloc,
  kfree,
  kmalloc,
  kzalloc,
} from '../../src/include/linux/slab.ts'
import {
  cstring,
  memcmp,
  memcpy,
  memset,
  strcmp,
  strlen,
  text,
} from '../../src/include/linux/string.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)

t.test('cstring() is what Node calls UTF-8, with a NUL', async t => {
  for (const sample of ['', 'abc', 'Käse', '€ 5', '𝄞', 'a\u{10ffff}b']) {
    t.strictSame(Buffer.from(cstring(sample)), Buffer.from(`${sample}\0`))
    t.equal(text(cstring(sample)), sample)
  }
})

t.test('text() stops at the NUL and survives what is no text', async t => {
  t.equal(text(bytes(0x68, 0x69, 0, 0x78)), 'hi')
  t.equal(text(bytes(0x68, 0x69)), 'hi', 'without a NUL')
  for (const bad of [
    [0xff],
    [0x80],
    [0xc3],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xe2, 0x28, 0xa1],
  ]) {
    t.match(text(bytes(...bad)), /^\ufffd/, String(bad))
  }
  t.equal(text(bytes(0x61, 0xff, 0x62)), 'a\ufffdb')
})

t.test('strlen(), strcmp() and memcmp() see bytes as C does', async t => {
  t.equal(strlen(cstring('hello')), 5)
  t.equal(strlen(bytes(1, 2)), 2)
  t.equal(strcmp(cstring('same'), cstring('same')), 0)
  t.ok(strcmp(cstring('abc'), cstring('abd')) < 0)
  t.ok(strcmp(cstring('abc'), cstring('ab')) > 0)
  t.equal(
    strcmp(bytes(97, 0, 1), bytes(97, 0, 2)),
    0,
    'what is behind the NUL does not count',
  )
  t.ok(memcmp(bytes(97, 0, 1), bytes(97, 0, 2), 3) < 0)
  t.equal(memcmp(bytes(97, 0, 1), bytes(97, 0, 2), 2), 0)
})

t.test('memset() and memcpy() change the first n bytes', async t => {
  t.strictSame(memset(bytes(1, 2, 3), 9, 2), bytes(9, 9, 3))
  t.strictSame(memcpy(bytes(1, 2, 3), bytes(7, 8, 9), 2), bytes(7, 8, 3))
})

t.test('kmalloc() and its family give bytes, or null for too many', async t => {
  t.equal(kmalloc(100, GFP_KERNEL)?.length, 100)
  t.strictSame(kzalloc(3, GFP_KERNEL), bytes(0, 0, 0))
  t.equal(kcalloc(4, 8, GFP_KERNEL)?.length, 32)
  t.equal(kmalloc(5 << 20, GFP_KERNEL), null)
  kfree(kmalloc(1, GFP_KERNEL))
  kfree(null)
})
