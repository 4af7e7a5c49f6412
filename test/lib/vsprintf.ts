import { runInNewContext } from 'node:vm'
import t from 'tap'
import { vsnprintf } from '../../src/lib/vsprintf.ts'
import type { PrintfContext } from '../../src/lib/vsprintf.ts'

type Row = [expected: string, fmt: string, ...args: unknown[]]

function check(t: Tap, rows: Row[]): void {
  for (const [expected, fmt, ...args] of rows) {
    t.equal(vsnprintf(fmt, args), expected, fmt)
  }
}
type Tap = Pick<typeof t, 'equal'>

/** A machine that knows nothing. */
const quiet: PrintfContext = {
  hash: () => undefined,
  no_hash_pointers: false,
  kptr_restrict: 0,
  mayReadPointers: () => false,
  address: () => undefined,
  symbol: () => undefined,
  unsupported: () => {},
}

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
    ['4|4|4|4', '%zu|%td|%lld|%Ld', 4, 4, 4, 4],
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

t.test(
  'a conversion the kernel does not know ends the text, and is reported',
  async t => {
    const letters: string[] = []
    const context = {
      ...quiet,
      unsupported: (letter: string) => void letters.push(letter),
    }
    const rows: Row[] = [
      ['a ', 'a %f|%d', 1, 2],
      ['1 ', '%d %n %d', 1, 2],
      ['50', '50%, 3'],
      ['', '%jd', 5],
      ['100', '100%'],
    ]
    for (const [expected, fmt, ...args] of rows)
      t.equal(vsnprintf(fmt, args, context), expected, fmt)
    t.strictSame(letters, ['f', 'n', ',', 'j', ''])
    t.equal(vsnprintf('50% 03of %d', [3, 4]), '50003f 4')
  },
)

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
    ['(____ptrval____)', '%20pK', {}],
    ['0000000000000000|0000000000000000', '%p|%p', null, 0],
    ['ffffffffffffffea|fffffffffffffff5', '%p|%px', -22, -11],
  ])
  const hashing = { ...quiet, hash: () => 0xdeadbeef }
  t.equal(vsnprintf('%p %pe', [{}, 0xabn], hashing), '00000000deadbeef 00000000deadbeef')
  const open = { ...hashing, no_hash_pointers: true }
  t.equal(vsnprintf('%p', [0xabn], open), '00000000000000ab')
})

t.test('%pK does what kptr_restrict says', async t => {
  const shown = (kptr_restrict: number, may: boolean) => {
    const context = { ...quiet, hash: () => 5, kptr_restrict, mayReadPointers: () => may }
    return vsnprintf('%pK', [0xabn], context)
  }
  t.equal(shown(0, false), '0000000000000005')
  t.equal(shown(1, true), '00000000000000ab')
  t.equal(shown(1, false), '0000000000000000')
  t.equal(shown(2, true), '0000000000000000')
})

t.test('%pS, %ps and %pB name what is at an address', async t => {
  const init = () => 0
  const place = {
    name: 'p_init',
    offset: 0,
    size: 0x1000n,
    module: 'pk',
    buildId: 'c0ffee',
  }
  const context = {
    ...quiet,
    address: () => 0xffffffffc0210000n,
    symbol: (pointer: unknown) => (pointer === init ? place : undefined),
  }
  t.equal(
    vsnprintf('%pS|%ps|%pSb|%20ps|%pS', [init, init, init, init, 0x12n], context),
    'p_init+0x0/0x1000 [pk]|p_init [pk]|p_init+0x0/0x1000 [pk c0ffee]|         p_init [pk]|0x12',
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
    ['-4095|-1234', '%pe|%pe', -4095, -1234],
    ['[-EIO    ]|[    -EIO]|-EPROBE_DEFER', '[%-8pe]|[%8pe]|%pe', -5, -5, -517],
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
    ['(null)|(efault)', '%pM|%pM', null, 5],
  ])
})

t.test('%pV is a format within a format', async t => {
  check(t, [['a 1 b, c', '%pV, %s', { fmt: 'a %d b', va: [1] }, 'c']])
})

/** A struct sockaddr_in or sockaddr_in6, from its bytes in hex. */
const hex = (text: string) =>
  Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

t.test('%pI4, %pI6 and %pIS format addresses of the internet', async t => {
  const sa = hex('0200 3039 01020304 0000000000000000')
  const loopback = hex('00000000000000000000000000000001')
  const mapped = hex('00000000000000000000ffff01020304')
  const doc = hex('20010db8000000000001000000000001')
  const sa6 = hex('0a00 0050 0000000a 20010db8000000000000000000000001 03000000')
  check(t, [
    ['001.002.003.004|1.2.3.4', '%piS|%pIS', sa, sa],
    ['001.002.003.004:12345|1.2.3.4:12345', '%piSp|%pISp', sa, sa],
    ['0000:0000:0000:0000:0000:0000:0000:0001', '%pI6', loopback],
    ['00000000000000000000000000000001', '%pi6', loopback],
    ['::1|::ffff:1.2.3.4|2001:db8::1:0:0:1', '%pI6c|%pI6c|%pI6c', loopback, mapped, doc],
    [
      '::|1:2:3:4:5:6:7:8',
      '%pI6c|%pI6c',
      new Uint8Array(16),
      hex('00010002000300040005000600070008'),
    ],
    ['2001:db8::1|[2001:db8::1]:80', '%pISc|%pIScp', sa6, sa6],
    ['[2001:db8::1]:80/10%3', '%pISpfsc', sa6],
    ['(einval)|(%pI?)|(%pi?)', '%pIS|%pI|%pi9', hex('0000'), sa, sa],
    ['  1.2.3.4|1.2.3.4  ', '%9pI4|%-9pI4', hex('01020304'), hex('01020304')],
  ])
})

t.test('%pE escapes what its letters say', async t => {
  const bytes = Uint8Array.from(Buffer.from('a\n"\x1b\0\xe9\x01', 'latin1'))
  check(t, [
    ['a\\n"\\e\\0', '%*pE', 5, bytes],
    ['\\141\\n\\"\\e\\0', '%*pEa', 5, bytes],
    ['\\x61\\x0a', '%*pEh', 2, bytes],
    ['a\\x0a|a\\012', '%*pEhp|%*pEop', 2, bytes, 2, bytes],
    ['\\001', '%*pE', 1, bytes.subarray(6)],
    ['|(null)|(efault)|(efault)', '%*pE|%pE|%pE|%pE', 0, bytes, null, -11, 0xab],
  ])
})

t.test('%pb is a bitmap, in hex or as a list', async t => {
  const bits = Uint32Array.of(0xa28ac)
  const large = new Uint8Array(8192)
  for (let bit = 1; bit <= 20; bit++)
    large[bit >> 3] = (large[bit >> 3] ?? 0) | (1 << (bit & 7))
  for (let bit = 60000; bit < 60015; bit++)
    large[bit >> 3] = (large[bit >> 3] ?? 0) | (1 << (bit & 7))
  check(t, [
    ['00000|00000', '%20pb|%*pb', new Uint8Array(4), 20, new Uint8Array(4)],
    ['|', '%20pbl|%*pbl', new Uint8Array(4), 20, new Uint8Array(4)],
    ['a28ac|a28ac', '%20pb|%*pb', bits, 20, bits],
    ['2-3,5,7,11,13,17,19|2-3,5,7,11,13,17,19', '%20pbl|%*pbl', bits, 20, bits],
    ['fffff|0-19', '%20pb|%20pbl', Uint32Array.of(0xffffffff), 0xffffffffn],
    ['000000ff,00000001', '%64pb', 0xff_0000_0001n],
    ['1-20,60000-60014', '%*pbl', 65536, large],
  ])
})

t.test('%pd and %pD name files by their last names', async t => {
  const foo = { d_name: 'foo' }
  const bravo = { d_name: 'bravo', d_parent: foo }
  const alfa = { d_name: 'alfa', d_parent: bravo }
  const romeo = { d_name: 'romeo', d_parent: alfa }
  check(t, [
    ['foo|foo', '%pd|%pd2', foo, foo],
    ['(null)|(efault)|(null)|(efault)', '%pd|%pd|%pD|%pD', null, 0xab, null, 0xab],
    ['romeo|alfa/romeo|bravo/alfa/romeo', '%pd|%pd2|%pd3', romeo, romeo, romeo],
    ['/bravo/alfa/romeo|/bravo/alfa', '%pd4|%pd4', romeo, alfa],
    ['bravo/alfa  |bravo/alfa  ', '%-12pd2|%*pd2', alfa, -12, alfa],
    ['  bravo/alfa|  bravo/alfa', '%12pd2|%*pd2', alfa, 12, alfa],
    ['alfa/romeo', '%pD2', { f_inode: romeo }],
  ])
})

t.test('%pt formats times', async t => {
  const tm = { tm_sec: 43, tm_min: 35, tm_hour: 5, tm_mday: 26, tm_mon: 10, tm_year: 118 }
  const seconds = { value: 1546615943n }
  check(t, [
    ['(%pt?)', '%pt', tm],
    ['2018-11-26T05:35:43|0118-10-26T05:35:43', '%ptR|%ptRr', tm, tm],
    ['05:35:43|2018-11-26', '%ptRt|%ptRd', tm, tm],
    ['05:35:43|0118-10-26', '%ptRtr|%ptRdr', tm, tm],
    ['05:35:43|2018-11-26', '%ptRttr|%ptRdtr', tm, tm],
    ['05:35:43 tr|2018-11-26 tr', '%ptRt tr|%ptRd tr', tm, tm],
    ['2018-11-26 05:35:43', '%ptRs', tm],
    ['2019-01-04T15:32:23|0119-00-04T15:32:23', '%ptT|%ptTr', seconds, seconds],
    ['15:32:23|2019-01-04', '%ptTt|%ptTd', seconds, seconds],
    ['15:32:23|0119-00-04', '%ptTtr|%ptTdr', seconds, seconds],
  ])
})

t.test('%pR, %pa, %pG, %pfw, %pC and %p4cc format what they are for', async t => {
  const mem = { start: 0x60000000, end: 0x6fffffff, flags: 0x2200 }
  const first = { name: 'first' }
  const second = { name: 'second', parent: first }
  const third = { name: 'third', parent: second }
  const unknown = { value: 0xf0000000 }
  check(t, [
    ['[mem 0x60000000-0x6fffffff pref]', '%pR', mem],
    ['[mem 0x60000000-0x6fffffff flags 0x2200]', '%pr', mem],
    [
      '[io  0x03f8-0x03ff]|[irq 4]',
      '%pR|%pR',
      { start: 0x3f8, end: 0x3ff, flags: 0x100 },
      { start: 4, end: 4, flags: 0x400 },
    ],
    [
      '[bus 00-ff]|[mem size 0x00001000]',
      '%pR|%pR',
      { start: 0, end: 0xff, flags: 0x1000 },
      { start: 0, end: 0xfff, flags: 0x20000200 },
    ],
    ['0x000000001234abcd', '%pap', { value: 0x1234abcdn }],
    [
      'GFP_TRANSHUGE|GFP_ATOMIC|GFP_DMA',
      '%pGg|%pGg',
      { value: 0x1c24ca },
      { value: 0xa21 },
    ],
    ['__GFP_ATOMIC|0xf0000000', '%pGg|%pGg', { value: 0x200 }, unknown],
    ['read|exec|mayread|maywrite|mayexec', '%pGv', { value: 0x75 }],
    ['first/second|first/second/third|second', '%pfw|%pfwf|%pfwP', second, third, second],
    ['xtal', '%pC', { name: 'xtal' }],
    ['BG12 little-endian (0x32314742)', '%p4cc', Uint8Array.from(Buffer.from('BG12'))],
  ])
})

t.test('arrays and errors of another realm are known for what they are', async t => {
  const foreign: unknown = runInNewContext(
    '[new Uint8Array([97, 98]), new TypeError("no")]',
  )
  const [bytes, error] = foreign as [unknown, unknown]
  check(t, [['ab|61 62|TypeError: no', '%s|%2ph|%s', bytes, bytes, error]])
})
