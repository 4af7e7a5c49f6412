import t from 'tap'
import { ByteReader, BytesError, ByteWriter } from '../../src/lib/bytes.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => Buffer.from(text.replace(/\s/g, ''), 'hex')

t.test('ByteWriter lays fields out in little-endian order', async t => {
  const struct = new ByteWriter(1)
    .u8(1)
    .align(4)
    .u16(0x0203)
    .u32(0x04050607)
    .u64(8)
    .u64(0xffff_ffff_ffff_ffffn)
    .cstring('hé')
    .fixed('ab', 4)
    .put(bytes('0a0b'))

  const rows = [
    '01000000', // u8, padding
    '0302', // u16
    '07060504', // u32
    '0800000000000000', // u64 from a number
    'ffffffffffffffff', // u64 from a bigint
    '68c3a900', // "hé" in UTF-8, NUL
    '61620000', // "ab" in four bytes
    '0a0b', // bytes as they are
  ]
  t.equal(hex(struct.done()), rows.join(''))
  t.equal(struct.length, 36)
})

t.test('ByteReader reads the fields back', async t => {
  const reader = new ByteReader(
    bytes(
      '01 0203 04050607 feffffff 0800000000000000 ffffffffffffffff 616200 6364 0000 0e0f',
    ),
  )
  t.equal(reader.u8(), 1)
  t.equal(reader.u16(), 0x0302)
  t.equal(reader.u32(), 0x07060504)
  t.equal(reader.i32(), -2)
  t.equal(reader.u64(), 8)
  t.equal(reader.u64big(), 0xffff_ffff_ffff_ffffn)
  t.equal(reader.cstring(), 'ab')
  t.equal(reader.fixed(4), 'cd')
  t.equal(reader.remaining, 2)
  t.equal(hex(reader.rest()), '0e0f')
  t.equal(reader.offset, 36)
})

t.test('ByteReader works on a window of a larger buffer', async t => {
  const window = bytes('ffff 0100 ffff').subarray(2, 4)
  t.equal(new ByteReader(window).u16(), 1)
  t.throws(() => new ByteReader(window).u32(), BytesError)
})

t.test('reading past the end throws BytesError', async t => {
  const four = bytes('61626364')
  t.throws(() => new ByteReader(four).u64(), {
    code: 'ERR_BYTES',
    message: 'Cannot read 8 bytes at byte 0 of 4',
  })
  t.throws(() => new ByteReader(four).take(-1), BytesError)
  t.throws(() => new ByteReader(four, 5), BytesError)
  t.throws(() => new ByteReader(four).seek(0.5), BytesError)
  t.throws(() => new ByteReader(four).cstring(), {
    message: 'Cannot read byte 0: text has no end',
  })
  t.throws(() => new ByteReader(four).skip(5), BytesError)
  t.equal(new ByteReader(four).fixed(4), 'abcd', 'a full field needs no NUL')
})

t.test('u64() refuses what a number cannot hold', async t => {
  const reader = new ByteReader(bytes('0000000000002000'))
  t.throws(() => reader.u64(), { message: 'Cannot read byte 0: number above 2^53' })
})

t.test('writing a value that does not fit throws BytesError', async t => {
  const writer = new ByteWriter()
  t.throws(() => writer.u8(256), { message: 'Cannot write 256: does not fit' })
  t.throws(() => writer.u16(-1), BytesError)
  t.throws(() => writer.u32(1.5), BytesError)
  t.throws(() => writer.u64(-1n), BytesError)
  t.throws(() => writer.u64(2 ** 53), BytesError)
  t.throws(() => writer.fixed('abcd', 4), BytesError, 'no room for the NUL')
})
