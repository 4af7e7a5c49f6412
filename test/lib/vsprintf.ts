import t from 'tap'
import { vsnprintf } from '../../src/lib/vsprintf.ts'

type Row = [expected: string, fmt: string, ...args: unknown[]]

function check(t: Tap, rows: Row[]): void {
  for (const [expected, fmt, ...args] of rows) {
    t.equal(vsnprintf(fmt, args), expected, fmt)
  }
}
type Tap = Pick<typeof t, 'equal'>

t.test('text without conversions is copied', async t => {
  check(t, [
    ['', ''],
    ['100%', '100%%'],
    ['xxx%yyy', 'xxx%cyyy', '%'],
    ['xxx\0yyy', 'xxx%cyyy', 0],
    ['pk: 100% done', '%s', 'pk: 100% done'],
  ])
})

t.test('numbers come out as the kernel prints them', async t => {
  check(t, [
    ['0x1234abcd  ', '%#-12x', 0x1234abcd],
    ['  0x1234abcd', '%#12x', 0x1234abcd],
    ['0x001234abcd', '%#012x', 0x1234abcd],
    ['0x0|0|07', '%#x|%#o|%#o', 0, 0, 7],
    [
      '0|001| 12|+123| 1234|-123|-1234',
      '%d|%03d|%3d|%+d|% d|%+d|% d',
      0,
      1,
      12,
      123,
      1234,
      -123,
      -1234,
    ],
    ['-0005|-5   |    5', '%05d|%-05d|%5i', -5, -5, 5],
    ['0|1|1|128|255', '%hhu|%hhu|%hhu|%hhu|%hhu', 0, 1, 257, 128, -1],
    ['0|1|1|-128|-1', '%hhd|%hhd|%hhd|%hhd|%hhd', 0, 1, 257, 128, -1],
    ['-56|-1|65535', '%hhd|%hd|%hu', 200, 65535, -1],
    ['2015122420151225', '%ho%ho%#ho', 1037, 5282, -11627],
    ['0xfffffff0|0xf0', '%#02x|%#02x', -16, 0xf0],
    ['ABCDEF|abcdef', '%X|%x', 0xabcdef, 0xabcdef],
    ['00000abc -5', '%08lx %lld', 0xabc, -5n],
  ])
})

t.test('a precision is digits at least, and never makes a zero vanish', async t => {
  check(t, [
    ['00|0|0|0|0', '%.2d|%.1d|%.0d|%.*d|%1.0d', 0, 0, 0, 0, 0, 0],
    ['  005|005  |00005', '%5.3d|%-5.3d|%05.3d', 5, 5, 5],
    ['-005|0x0005', '%.3d|%#.4x', -5, 5],
    ['5', '%.d', 5],
  ])
})

t.test('values wrap to the size of the C type', async t => {
  check(t, [
    ['-1|4294967295', '%d|%u', 0xffffffff, -1],
    ['-2147483648|2147483648', '%d|%u', 0x80000000, 0x80000000],
    ['1', '%d', 2 ** 32 + 1],
    ['ffffffffffffffff|18446744073709551615', '%lx|%llu', -1, -1],
    ['-9223372036854775808', '%ld', 2n ** 63n],
    ['4|4|4|4|4|4', '%zu|%td|%jd|%qd|%Ld|%Zd', 4, 4, 4, 4, 4, 4],
    ['9007199254740991', '%lu', Number.MAX_SAFE_INTEGER],
  ])
})

t.test('numbers may be booleans, fractions and characters', async t => {
  check(t, [
    ['1|0', '%d|%d', true, false],
    ['1|-1|0|0', '%d|%d|%d|%d', 1.9, -1.9, NaN, Infinity],
    ['97', '%d', 'a'],
    ['(einval)|(einval)', '%d|%x', 'text', {}],
  ])
})

t.test('strings are cut by the precision and padded to the width', async t => {
  check(t, [
    ['', '%s%.0s', '', '123'],
    ['ABCD|abc|123', '%s|%.3s|%.*s', 'ABCD', 'abcdef', 3, '123456'],
    ['1  |  2|3  |  4|5  ', '%-3s|%3s|%-*s|%*s|%*s', '1', '2', 3, '3', 3, '4', -3, '5'],
    ['1234      ', '%-10.4s', '123456'],
    ['      1234', '%10.4s', '123456'],
    ['    ', '%4.*s', -5, '123456'],
    ['123456', '%.s', '123456'],
    ['a||', '%.s|%.0s|%.*s', 'a', 'b', 0, 'c'],
    ['a  |   |   ', '%-3.s|%-3.0s|%-3.*s', 'a', 'b', 0, 'c'],
    ['(null)|(null)', '%s|%s', null, undefined],
    ['42|1|1.5|7|(einval)', '%s|%s|%s|%s|%s', 42, true, 1.5, 7n, {}],
    ['abc', '%s', new Uint8Array([0x61, 0x62, 0x63, 0, 0x64])],
    ['c|  c|c  |A', '%c|%3c|%-3c|%c', 'c', 'c', 'c', 65],
  ])
})

t.test('a conversion the kernel does not know is copied as it is', async t => {
  check(t, [
    ['%f|1', '%f|%d', 1],
    ['%y %', '%y %'],
    ['50%, 3', '50%, %d', 3],
    ['50003f 4', '50% 03of %d', 3, 4],
  ])
})

t.test('an argument that is not there shows as (missing)', async t => {
  check(t, [
    ['1 (missing) (missing)', '%d %s %5d', 1],
    ['(missing)', '%*d', 5],
  ])
})

t.test('%p shows no address, except of NULL and errors', async t => {
  check(t, [
    ['(____ptrval____)', '%p', {}],
    ['(____ptrval____)', '%p', 0xffff0123456789abn],
    ['(____ptrval____)|', '%-10p|', {}],
    ['    (____ptrval____)', '%20pK', {}],
    ['0000000000000000|0000000000000000', '%p|%p', null, 0],
    ['ffffffffffffffea', '%p', -22],
  ])
  t.equal(
    vsnprintf('%p %pS', [{}, {}], () => 0xdeadbeef),
    '00000000deadbeef 00000000deadbeef',
  )
})

t.test('%px shows what has an address', async t => {
  check(t, [
    ['0000000000000000', '%px', null],
    ['0000000000001234', '%px', 0x1234],
    ['0x0000000000001234', '%#px', 0x1234],
    ['ffff0123456789ab', '%px', 0xffff0123456789abn],
    ['(____ptrval____)', '%px', {}],
  ])
})

t.test('%pe names errors', async t => {
  check(t, [
    ['-EINVAL|   -EIO|-EAGAIN', '%pe|%7pe|%pe', -22, -5, -11],
    ['0000000000000000', '%pe', null],
    ['fffffffffffff001', '%pe', -4095],
    ['(____ptrval____)', '%pe', 22],
  ])
})

t.test('%ph, %pM, %pI4 and %pU format bytes', async t => {
  const buf = new Uint8Array([0xc0, 0xff, 0xee])
  const mac = new Uint8Array([0x2d, 0x48, 0xd6, 0xfc, 0x7a, 0x05])
  const ip = new Uint8Array([127, 0, 0, 1])
  const uuid = Uint8Array.from({ length: 16 }, (_, i) => i)
  check(t, [
    ['c0 ff ee|c0:ff:ee|c0-ff-ee|c0ffee', '%3ph|%3phC|%3phD|%3phN', buf, buf, buf, buf],
    ['c0 ff ee|c0:ff:ee', '%*ph|%*phC', 3, buf, 3, buf],
    ['c0', '%ph', buf],
    ['de ad be ef', '%*ph', 4, '\xde\xad\xbe\xef'],
    ['2d:48:d6:fc:7a:05', '%pM', mac],
    ['05:7a:fc:d6:48:2d', '%pMR', mac],
    ['2d-48-d6-fc-7a-05', '%pMF', mac],
    ['2d48d6fc7a05|057afcd6482d', '%pm|%pmR', mac, mac],
    ['127.000.000.001|127.0.0.1|1.0.0.127', '%pi4|%pI4|%pI4l', ip, ip, ip],
    ['00010203-0405-0607-0809-0a0b0c0d0e0f', '%pUb', uuid],
    ['00010203-0405-0607-0809-0A0B0C0D0E0F', '%pUB', uuid],
    ['03020100-0504-0706-0809-0a0b0c0d0e0f', '%pUl', uuid],
    ['03020100-0504-0706-0809-0A0B0C0D0E0F', '%pUL', uuid],
    ['(null)|(einval)', '%pM|%pM', null, 5],
  ])
})

t.test('%pV is a format within a format', async t => {
  check(t, [['a 1 b, c', '%pV, %s', { fmt: 'a %d b', va: [1] }, 'c']])
})
