// Structs as a driver sees them: declared, read, written, measured.
import t from 'tap'
import {
  aligned,
  array,
  bigint,
  bytes_of,
  offsetof,
  packed,
  plain,
  sizeof,
  struct,
  struct_size,
  union,
  unnamed,
} from '../../src/include/linux/struct.ts'
import { FAULT } from '../../src/include/linux/struct_wild.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const point = struct({ x: 'int', y: 'int' })
const line = struct({
  name: 'char[6]',
  from: point,
  points: array(point, 2),
  weight: 'u16[2][2]',
  mac: 'u8[3]',
  big: 'u64',
  exact: bigint('u64'),
  on: 'bool',
  low: 'unsigned int:3',
  high: 'int:5',
  text: 'const char *',
  colour: 'enum colour',
})

t.test('a struct has the padding and the size of C', async t => {
  t.equal(sizeof(point), 8)
  t.equal(offsetof(line, 'from'), 8)
  t.equal(offsetof(line, 'points[1].y'), 28)
  t.equal(offsetof(line, 'weight[1][1]'), 38)
  t.equal(offsetof(line, 'mac[2]'), 42)
  t.equal(offsetof(line, 'big'), 48)
  t.equal(sizeof(line), line.sizeof)
  t.equal(sizeof(struct({ a: 'char', b: 'long' }, { packed: true })), 9)
  t.equal(sizeof(struct({ a: 'char' }, { aligned: 16 })), 16)
  t.equal(sizeof(struct({ a: 'char', b: packed('long') })), 9)
  t.equal(offsetof(struct({ a: 'char', b: aligned('char', 8) }), 'b'), 8)
  t.equal(sizeof(union({ a: 'char[5]', b: 'int' })), 8)
  t.equal(sizeof('unsigned long'), 8)
  t.equal(sizeof('char *[3]'), 24)
  t.equal(sizeof('enum colour'), 4)
})

t.test('members are read and written where they lie', async t => {
  const bytes = new Uint8Array(sizeof(line) + 4)
  const view = new line(bytes, 4)
  view.name = 'abc'
  view.from.x = -1
  view.points[1] = { x: 1, y: 2 }
  view.weight = [
    [1, 2],
    [3, 65539],
  ]
  view.mac.set([1, 2, 3])
  view.on = true
  view.low = 13
  view.high = -3
  t.equal(hex(bytes.subarray(4, 16)), '616263000000' + '0000' + 'ffffffff')
  t.equal(view.name, 'abc')
  t.equal(view.points[1]?.y, 2)
  t.equal(view.weight[1]?.[1], 3, 'a number is cut to its type')
  t.same([...view.points].map(plain), [
    { x: 0, y: 0 },
    { x: 1, y: 2 },
  ])
  t.equal(view.low, 5, 'and to its bits')
  t.equal(view.high, -3)
  t.equal(view.on, true)
  t.equal(bytes_of(view).buffer, bytes.buffer)
  t.equal(hex(bytes.subarray(0, 4)), '00000000')
})

t.test(
  '64 bits are a number if that is exact, or always a bigint if so declared',
  async t => {
    const view = new line({ big: 5, exact: 5n })
    t.equal(view.big, 5)
    t.equal(view.exact, 5n)
    view.big = 2 ** 53
    t.equal<number | bigint>(view.big, 2n ** 53n)
    view.exact = -1n
    t.equal(view.exact, 2n ** 64n - 1n)
    const signed = struct({ a: 's64', b: bigint('s64'), c: bigint('u64:60') })
    const one = new signed({ a: -5, b: -5n, c: 7n })
    t.same(plain(one), { a: -5, b: -5n, c: 7n })
  },
)

t.test('structs are made from plain objects and become such', async t => {
  const values = {
    name: 'line',
    from: { x: 1, y: 2 },
    points: [
      { x: 3, y: 4 },
      { x: 5, y: 6 },
    ],
    weight: [
      [1, 2],
      [3, 4],
    ],
    mac: Uint8Array.of(1, 2, 3),
    big: 1,
    exact: 2n,
    on: true,
    low: 1,
    high: -1,
    text: 0x7ffd12345678,
    colour: 3,
  }
  t.same(plain(new line(values)), values)
  t.equal(hex(bytes_of(new point())), '0000000000000000')
  const copy = new line({ from: new point({ y: 7 }) })
  t.same(plain(copy.from), { x: 0, y: 7 }, 'also from another view')
  copy.from = { ...plain(copy.from), x: 1 }
  t.same(plain(copy.from), { x: 1, y: 7 })
  copy.from = copy.points[0] ?? copy.from
  t.same(plain(copy.from), { x: 0, y: 0 })
})

t.test('text is cut to its array, without a NUL if it fills it', async t => {
  const name = struct({ text: 'char[4]', after: 'u8' })
  const one = new name({ text: 'abcdef', after: 1 })
  t.equal(hex(bytes_of(one)), '6162636401')
  t.equal(one.text, 'abcd')
  one.text = 'x'
  t.equal(hex(bytes_of(one)), '7800000001')
})

t.test('a flexible array goes on as far as the memory does', async t => {
  const packet = struct({ n: 'u32', items: array(point) })
  t.equal(sizeof(packet), 4)
  t.equal(struct_size(packet, 'items', 3), 28)
  const one = new packet(new Uint8Array(struct_size(packet, 'items', 3)))
  t.equal(one.items.length, 3)
  one.items[2] = { x: 1, y: 2 }
  t.equal(one.items[2]?.y, 2)
  t.throws(() => (one.items[3] = { x: 1, y: 2 }), RangeError)
  const text = struct({ n: 'u8', text: 'char[]' })
  t.equal(new text(Buffer.from('\x02hello\0')).text, 'hello')
  const raw = struct({ n: 'u8', data: 'u8[]' })
  t.same([...new raw(Uint8Array.of(1, 2, 3)).data], [2, 3])
  t.equal(bytes_of(new raw(new Uint8Array(9))).length, 9)
})

t.test("members of an unnamed union count as the outer one's", async t => {
  const value = struct({
    kind: 'u8',
    _pad: unnamed('u8:4'),
    _: unnamed(union({ word: 'u32', bytes: 'u8[4]' })),
    after: 'u16',
  })
  const one = new value({ kind: 1, word: 0x04030201 })
  t.same([...one.bytes], [1, 2, 3, 4])
  t.same(plain(one), { kind: 1, word: 0x04030201, bytes: one.bytes, after: 0 })
  t.equal(offsetof(value, 'bytes'), 4)
  t.equal(sizeof(value), 12)
})

t.test('at an address there is nothing, and each member knows its own', async t => {
  const tried = (use: () => unknown) => {
    try {
      return use()
    } catch (error) {
      return (error as { [FAULT]?: unknown })[FAULT]
    }
  }
  const pair = struct({ first: point, second: point, tail: 'u8[4]' })
  const NULL = pair.at(0)
  t.same(
    tried(() => NULL.second.y),
    { address: 12n, write: false },
  )
  t.same(
    tried(() => NULL.tail),
    { address: 16n, write: false },
  )
  t.same(
    tried(() => (NULL.first.x = 1)),
    { address: 0n, write: true },
  )
  t.same(
    tried(() => bytes_of(pair.at(0x1000))),
    { address: 0x1000n, write: false },
  )
  const top = point.at(-8)
  t.same(
    tried(() => top.y),
    { address: 0xfffffffffffffffcn, write: false },
  )
  t.same(Object.keys(top), ['x', 'y'])
  const either = union({ byte: 'u8', word: 'int' })
  const outer = struct({ kind: 'int', value: unnamed(either) })
  t.same(
    tried(() => outer.at(16).word),
    { address: 20n, write: false },
  )
})

t.test('what C would not compile throws', async t => {
  t.throws(() => struct({ a: 'imt' as 'int' }), { message: 'Unknown C type "imt"' })
  t.throws(() => struct({ a: 'int:33' }), TypeError)
  t.throws(() => offsetof(line, 'low'), TypeError, 'bits have no address')
  t.throws(() => offsetof(line, 'from.z'), TypeError)
  t.throws(() => struct_size(line, 'mac', 1), TypeError)
  t.throws(() => bytes_of({}), TypeError)
  t.throws(() => new point(new Uint8Array(7)), RangeError)
  t.throws(() => new line({ mac: new Uint8Array(4) }), RangeError)
  t.throws(() => new line({ points: [{}, {}, {}] }), RangeError)
})
