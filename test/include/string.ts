import t from 'tap'
import { E2BIG } from '../../src/include/linux/errno.ts'
import { struct } from '../../src/include/linux/struct.ts'
import {
  cstring,
  memchr,
  memcmp,
  memcpy,
  memmove,
  memset,
  memset16,
  memset32,
  strcat,
  strchr,
  strcmp,
  strcpy,
  strlcpy,
  strlen,
  strncat,
  strncmp,
  strncpy,
  strnlen,
  strrchr,
  strscpy,
  strstr,
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

const c = (s: string) => cstring(s)

t.test('strings are copied as in C', async t => {
  t.equal(text(strcpy(new Uint8Array(6).fill(120), c('hello'))), 'hello')
  t.strictSame(strncpy(bytes(9, 9, 9, 9), c('ab'), 3), bytes(97, 98, 0, 9))
  t.strictSame(
    strncpy(bytes(9, 9), c('abc'), 2),
    bytes(97, 98),
    'no NUL if it does not fit',
  )
  const to = new Uint8Array(4)
  t.equal(strscpy(to, c('abc'), 4), 3)
  t.equal(strscpy(to, c('abcdef'), 4), -E2BIG)
  t.equal(text(to), 'abc')
  t.equal(strscpy(to, c('abc'), 0), -E2BIG)
  t.equal(strlcpy(to, c('abcdef'), 4), 6)
  t.equal(text(to), 'abc')
  const line = new Uint8Array(16)
  strcpy(line, c('one '))
  t.equal(text(strcat(line, c('two '))), 'one two ')
  t.equal(text(strncat(line, c('three'), 2)), 'one two th')
  const same = bytes(1, 2, 3, 4)
  t.strictSame(memmove(same.subarray(1), same, 3), bytes(1, 2, 3))
})

t.test('strings are searched and compared as in C', async t => {
  t.equal(strncmp(c('abcx'), c('abcy'), 3), 0)
  t.ok(strncmp(c('abcx'), c('abcy'), 4) < 0)
  t.equal(strnlen(c('hello'), 3), 3)
  t.equal(strnlen(c('hi'), 3), 2)
  t.equal(text(strchr(c('a=b=c'), 61)!), '=b=c')
  t.equal(text(strrchr(c('a=b=c'), 61)!), '=c')
  t.equal(strchr(c('abc'), 0)?.length, 1, 'its NUL can be found')
  t.equal(strchr(c('abc'), 120), null)
  t.equal(memchr(bytes(1, 2, 3), 3, 2), null)
  t.equal(text(strstr(c('hello world'), c('o w'))!), 'o world')
  t.equal(strstr(c('hello'), c('x')), null)
  t.equal(text(strstr(c('hello'), c(''))!), 'hello')
})

t.test('memset() fills words, too, and a struct', async t => {
  t.strictSame(memset32(new Uint32Array(2), 7, 1), Uint32Array.of(7, 0))
  t.strictSame(memset16(new Uint16Array(2), 7, 2), Uint16Array.of(7, 7))
  const point = struct({ x: 'int', y: 'int' })
  t.equal(memset(new point({ x: 1, y: 2 }), 0xff, 4).x, -1)
})
